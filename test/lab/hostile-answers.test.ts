import { describe, expect } from 'vitest';
import { publicAddress, publicAddress6, secondAddress, secondAddress6 } from '../support/lab.ts';
import type { LabGuest } from '../support/lab-guest.ts';
import { secondBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';

/*
 * What a guest sends into connections of others, in both families: `spoofer` has an interface on a network of its own, and takes
 * the address of a guest, or of a client, there. `wide` has both networks, and answers by the interface of its default route.
 */

const guests = ['web', 'wide', 'spoofer'] as const;
const labs = secondBackends.map((backend) => ({
  backend,
  ...labTest({ guests, forwarding: 'DROP', ipv6: true, backend }),
}));

const inIpv4 = {
  family: 'IPv4',
  client: '198.51.100.2',
  host: publicAddress,
  second: secondAddress,
  own: ({ address }: LabGuest) => address,
  length: 32,
  flag: '-4',
  gateway: '192.168.150.1',
  type: 'ipv4_addr',
  word: 'ip',
};
const inIpv6: typeof inIpv4 = {
  family: 'IPv6',
  client: '2001:db8:1::2',
  host: publicAddress6,
  second: secondAddress6,
  own: ({ address6 }: LabGuest) => address6,
  length: 128,
  flag: '-6',
  gateway: 'fd00:150::1',
  type: 'ipv6_addr',
  word: 'ip6',
};

describe.each(labs)('$backend:', ({ test, lab, web, wide, spoofer }) => {
  let both = wide;

  test.beforeAll(() => {
    lab.addNic(spoofer);
    both = lab.addNic(wide);

    const file = lab.host.sh('grep -rl "<name>dmz<" /run/libvirt /etc/libvirt').trim();
    lab.host.write(
      file,
      lab.host
        .read(file)
        .replace('</network>', "<ip family='ipv6' address='fd00:150::1' prefix='64'/></network>"),
    );
    lab.host.sh(`
      for i in all virbr0 virbr1; do echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter; done
      ip addr add fd00:150::1/64 dev virbr1 nodad
      ip -n guest3 addr add fd00:150::43/64 dev eth1 nodad`);
    lab.host.sh('echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore', { in: 'guest3' });
    lab.host.sh('ip -6 route add default via fd00:150::1 dev eth1 table 100', { in: 'guest3' });
  });
  test.afterEach(() => {
    for (const guest of [web, both]) lab.end(guest);
  });

  /** Counts the packets over UDP that arrive in a namespace from one address and port, from now on. */
  function countFrom(space: string, { word }: typeof inIpv4, source: string, port: number): () => number {
    lab.host.sh(
      `nft 'add table inet arrivals; delete table inet arrivals; table inet arrivals { counter seen { }
        chain input { type filter hook input priority 500; ${word} saddr ${source} udp sport ${port} counter name seen; }; }'`,
      { in: space },
    );
    return () =>
      Number(lab.host.sh('nft list counter inet arrivals seen', { in: space }).match(/packets (\d+)/)?.[1]);
  }

  /** The spoofer takes this address on its own network, and has sent this packet with it. */
  function spoof(
    { flag, length }: typeof inIpv4,
    packet: { source: string; sourcePort: number; address: string; port: number },
  ): void {
    const { source } = packet;
    lab.host.sh(
      `ip ${flag} addr add ${source}/${length} dev lo; ip ${flag} rule add from ${source} lookup 100`,
      { in: 'guest3' },
    );
    lab.probe('guest3', [{ over: 'udp', ...packet }]);
    lab.host.sh(
      `ip ${flag} rule del from ${source} lookup 100; ip ${flag} addr del ${source}/${length} dev lo`,
      { in: 'guest3' },
    );
  }

  describe.each([inIpv4, inIpv6])('$family:', (on) => {
    const { client, host, second, own } = on;

    test('no other network takes part in a connection to a guest, neither as the guest nor as the client', () => {
      lab.configure(`[guest.web]\naddress = "${own(web)}"\nforward = ["5353:53/udp"]\n`);
      lab.hook(web, 'started');
      expect(lab.ask('client', host, 5353, { source: client, sourcePort: 7000 })).toContain('hello');
      const answers = countFrom('client', on, host, 5353);
      spoof(on, { source: own(web), sourcePort: 53, address: client, port: 7000 });
      expect(answers()).toBe(0);
      const questions = countFrom('guest1', on, client, 7000);
      spoof(on, { source: client, sourcePort: 7000, address: host, port: 5353 });
      expect(questions()).toBe(0);
      // The true ones still do.
      expect(lab.ask('client', host, 5353, { source: client, sourcePort: 7000 })).toContain('hello');
      expect(questions()).toBe(1);
    });

    test('nor in a connection of a guest that leaves with an address of its own', () => {
      lab.configure(`[guest.web]\naddress = "${own(web)}"\npublic_address = "${second}"\n`);
      lab.hook(web, 'started');
      const packet = { source: own(web), sourcePort: 7003, address: client, port: 7001 };
      const arrivals = countFrom('client', on, second, 7003);
      lab.probe('guest1', [{ over: 'udp', ...packet }]);
      expect(arrivals()).toBe(1);
      spoof(on, packet);
      expect(arrivals()).toBe(1);
      // Nor as an answer to what a client asks at the guest's public address.
      expect(lab.ask('client', second, 53, { source: client, sourcePort: 7000 })).toContain('hello');
      const answers = countFrom('client', on, second, 53);
      spoof(on, { source: own(web), sourcePort: 53, address: client, port: 7000 });
      expect(answers()).toBe(0);
    });
  });

  test('a guest with two interfaces may answer by the other one', () => {
    lab.configure('[guest.wide]\nnetwork = "dmz"\nforward = ["8080:80"]\n');
    expect(lab.hook(both, 'started').status).toBe(0);
    lab.host.sh('ip rule del from 192.168.150.42 lookup 100', { in: 'guest2' });
    expect(lab.fetch('client', publicAddress, 8080)).toContain('hello from guest2');
    expect(lab.guestgate('check').stdout).toContain('agree');
  });
});
