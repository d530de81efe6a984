import { describe, expect } from 'vitest';
import { publicAddress, secondAddress } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { networkHookXml } from '../support/lab-xml.ts';

/*
 * What guests and neighbours send to get what they may not have: packets for the host's loopback address, and packets with
 * the address of another guest or of an allowed client. `spoofer` has an interface on an isolated network, too.
 */

const guests = ['web', 'plain', 'spoofer'] as const;
const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests, forwarding: 'DROP', backend }),
}));

describe.each(labs)('$backend:', ({ test, lab, web, plain, spoofer }) => {
  /** Notes what arrives in a namespace over UDP; what it returns lists the ports. */
  function noteArrivals(space: string): () => string[] {
    const run = (script: string) => lab.host.sh(script, space === 'host' ? {} : { in: space });
    run(`nft 'add table ip arrivals; delete table ip arrivals; table ip arrivals {
      set seen { type inet_service; flags dynamic; }
      chain input { type filter hook input priority 500; ip protocol udp add @seen { udp dport }; }; }'`);
    return () =>
      run('nft list set ip arrivals seen')
        .match(/elements = \{([^}]*)/)?.[1]
        ?.match(/\d+/g) ?? [];
  }

  /** Notes the sources, and their ports, of what arrives at the client's UDP ports 7000 and 7001. */
  function noteSources(): () => string[] {
    lab.host.sh(
      `nft 'add table ip sources; delete table ip sources; table ip sources {
        set seen { type ipv4_addr . inet_service; flags dynamic; }
        chain input { type filter hook input priority 500; udp dport 7000-7001 add @seen { ip saddr . udp sport }; }; }'`,
      { in: 'client' },
    );
    return () =>
      lab.host.sh('nft list set ip sources seen', { in: 'client' }).match(/\d+\.\d+\.\d+\.\d+ \. \d+/g) ?? [];
  }

  /** The guest takes this address on its isolated interface, and answers to no one. */
  function spoof(address: string): void {
    lab.host.sh(
      `ip addr flush dev lo; ip addr add ${address}/32 dev lo; ip rule del from ${address} 2>/dev/null || true
       ip rule add from ${address} lookup 100`,
      { in: 'guest3' },
    );
  }

  const udp = (address: string, port: number, source: string) =>
    ({ over: 'udp', address, port, source }) as const;

  test.beforeAll(() => {
    lab.addNic(spoofer);
    lab.host.sh('for i in all virbr0 virbr1; do echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter; done');
    // It answers no question about an address that it takes.
    lab.host.sh('echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore', { in: 'guest3' });
  });
  test.afterEach(() => {
    for (const guest of [web, plain]) lab.end(guest);
  });

  test('the host’s loopback address stays its own where a network has stopped and its bridge is still there', () => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nloopback = true\nforward = ["8080:80"]\n`);
    lab.hook(web, 'started');
    expect(lab.networkHook('stopped', networkHookXml()).status).toBe(0);
    expect(lab.host.read('/proc/sys/net/ipv4/conf/virbr0/route_localnet').trim()).toBe('1');
    const arrived = noteArrivals('host');
    lab.host.sh(
      `ip addr add 127.9.9.9/32 dev eth0; ip addr flush dev lo
       ip route flush table local 127.0.0.0/8; ip route add 127.0.0.0/8 via 192.168.122.1; ip rule add from 127.9.9.9 lookup main
       echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet`,
      { in: 'guest2' },
    );
    lab.probe('guest2', [
      udp('127.0.0.1', 7001, plain.address),
      udp('192.168.122.1', 7002, '127.9.9.9'),
      udp('192.168.122.1', 7003, plain.address),
    ]);
    expect(arrived()).toEqual(['7003']);
    expect(lab.fetch('host', '127.0.0.1', 8080)).toContain('hello from guest1');
    lab.networkHook('started', networkHookXml());
  });

  test('a guest with the address of one that may leave does not leave an isolated network', () => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\npublic_address = "${secondAddress}"\n`);
    lab.hook(web, 'started');
    spoof(web.address);
    const arrived = noteArrivals('client');
    lab.probe('guest3', [udp('198.51.100.2', 7001, web.address)]);
    lab.probe('guest1', [udp('198.51.100.2', 7002, web.address)]);
    expect(arrived()).toEqual(['7002']);
  });

  test('a guest with the address of an allowed client is not let in', () => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nallow_from = ["198.51.100.2", "${plain.address}"]
forward = ["5353:53/udp"]\nopen = ["54/udp"]\n`);
    expect(lab.hook(web, 'started')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('1 forward'),
    });
    const arrived = noteArrivals('guest1');
    const all = (source: string) => [udp(publicAddress, 5353, source), udp(web.address, 54, source)];
    for (const source of ['198.51.100.2', plain.address]) {
      spoof(source);
      lab.probe('guest3', all(source));
    }
    expect(arrived()).toEqual([]);
    lab.host.sh(`ip route add ${web.address} via ${publicAddress}`, { in: 'client' });
    lab.probe('client', all('198.51.100.2'));
    expect(arrived().sort()).toEqual(['53', '54']);
  });

  test('a guest occupies no port of the host or of another guest with its own connections; an address of its own has all', () => {
    lab.configure(`[guest.web]\naddress = "${web.address}"\nforward = ["5353:53/udp"]
[guest.plain]\naddress = "${plain.address}"\nsnat = "${publicAddress}"\n`);
    for (const guest of [web, plain]) lab.hook(guest, 'started');
    const sources = noteSources();
    const shadowing = (sourcePort: number) => ({ ...udp('198.51.100.2', 7000, plain.address), sourcePort });
    lab.probe('guest2', [shadowing(500), shadowing(5353), shadowing(40000)]);
    const seen = sources().map((source) => Number(source.replace(`${publicAddress} . `, '')));
    expect(seen).toHaveLength(3);
    for (const port of seen) expect(port).toBeGreaterThanOrEqual(32768);
    expect(seen).toContain(40000);
    expect(lab.pings('guest2', '198.51.100.2')).toBe(true);
    const answered = lab.ask('client', publicAddress, 5353, { source: '198.51.100.2', sourcePort: 7000 });
    expect(answered).toContain('hello from guest1');
    lab.configure(`[guest.plain]\naddress = "${plain.address}"\npublic_address = "${secondAddress}"\n`);
    lab.hook(plain, 'started');
    const ownSources = noteSources();
    lab.probe('guest2', [{ ...shadowing(500), port: 7001 }]);
    expect(ownSources()).toEqual([`${secondAddress} . 500`]);
  });
});
