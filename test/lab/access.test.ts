import { describe, expect } from 'vitest';
import { answers, countFrames, isSilent } from '../support/echo.ts';
import { type LabGuest, publicAddress, publicAddress6, secondAddress } from '../support/lab.ts';
import { client, client6 } from '../support/lab-links.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import { inSpace } from '../support/probe.ts';
import { until } from '../support/until.ts';

/*
 * With whom a confined guest speaks. "web" is confined and has an interface on network "dmz", too; "mail" is its neighbour on virbr0;
 * "far" is on virbr2. The client answers TCP 80, 443 and 22, and UDP 53, as the guests and the host do.
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['web', 'mail', 'far'], ipv6: true, backend }),
}));

describe.each(labs)('$backend:', ({ test, lab, web, mail, far }) => {
  let both: LabGuest = web;
  const far4 = '10.9.0.43';
  const guests = [web.address, web.address6];

  function policy(access: string, own = 'forward = ["8080:80"]\n') {
    return `[guest.web]
address = ["${web.address}", "${web.address6}"]
access = "${access}"
${own}`;
  }

  function apply(text: string) {
    lab.configure(text);
    const { status, stderr } = lab.guestgate('apply');
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(lab.guestgate('check').stdout).toContain('agree');
    // Who was asked in vain is asked again only after a second.
    for (const space of ['host', 'client', 'guest1', 'guest2', 'guest3'])
      lab.host.sh('ip neigh flush all', inSpace(space));
  }

  const opens = (from: string, address: string, port: number, source?: string) =>
    lab.fetch(from, address, port, source === undefined ? {} : { source }).includes('hello');
  const asks = (from: string, address: string) => lab.ask(from, address, 53).includes('hello');

  test.beforeAll(() => {
    lab.serve('client', 'hello from the client');
    lab.serve('host', 'hello from the host');
    both = lab.addNic(web);
    lab.host.sh(`ip link add virbr2 type bridge; ip addr add 10.9.0.1/24 dev virbr2; ip link set virbr2 up
      ip link set ${far.tap} master virbr2; ip -n guest3 addr flush dev eth0
      ip -n guest3 addr add ${far4}/24 dev eth0; ip -n guest3 route add default via 10.9.0.1`);
    // While bridged frames pass iptables, the kernel forwards a translated frame on the bridge itself.
    lab.host.sh(
      'sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0 2>/dev/null || true',
    );
  });

  test('before there is a policy, everything is reached', () => {
    lab.hook(both, 'started');
    for (const [to, port] of [
      [client, 80],
      [client6, 80],
      [mail.address, 80],
      [mail.address6, 80],
      [far4, 80],
      [publicAddress, 22],
      ['fd00:122::1', 22],
    ] as const)
      expect(opens('guest1', to, port), to).toBe(true);
    for (const [from, to] of [
      ['client', web.address],
      ['guest2', web.address],
      ['guest3', web.address],
      ['host', web.address],
    ] as const)
      expect(opens(from, to, 22), from).toBe(true);
    lab.end(both);
  });

  describe('inbound', () => {
    test('is in place before the guest runs', () => {
      lab.configure(policy('inbound'));
      expect(lab.hook(both, 'prepare').status).toBe(0);
      expect(lab.hook(both, 'start').status).toBe(0);
      for (const to of [client, client6, mail.address, mail.address6, far4, publicAddress])
        expect(opens('guest1', to, 80), to).toBe(false);
      lab.hook(both, 'started');
      expect(lab.guestgate('check').stdout).toContain('agree');
    });

    test('what is forwarded comes in and is answered: from outside, the host, a neighbour and another bridge', () => {
      for (const from of ['client', 'host', 'guest2', 'guest3'])
        expect(opens(from, publicAddress, 8080), from).toBe(true);
      expect(opens('client', publicAddress6, 8080)).toBe(true);
      expect(opens('host', web.address, 22)).toBe(true);
    });

    test('nothing else comes in', () => {
      for (const from of ['client', 'guest2', 'guest3'])
        for (const to of guests.slice(0, from === 'guest3' ? 1 : 2)) {
          expect(opens(from, to, 22), `${from} ${to}`).toBe(false);
          expect(isSilent(lab.host, from, to)).toBe(true);
        }
    });

    test('nor does it open anything, but DNS of its network', () => {
      for (const to of [client, client6, mail.address, mail.address6, far4, publicAddress, secondAddress]) {
        expect(opens('guest1', to, 80), to).toBe(false);
        expect(isSilent(lab.host, 'guest1', to), to).toBe(true);
      }
      for (const to of ['192.168.122.1', '192.168.150.1', 'fd00:122::1', publicAddress6])
        expect(opens('guest1', to, 22), to).toBe(false);
      for (const to of ['192.168.122.1', 'fd00:122::1']) expect(asks('guest1', to), to).toBe(true);
      for (const to of [client, mail.address, publicAddress, publicAddress6, '10.9.0.1'])
        expect(asks('guest1', to), to).toBe(false);
      expect(opens('guest1', publicAddress, 8080)).toBe(false);
    });

    test('explain names the rule that drops, and what is forwarded', () => {
      const explain = (to: string, from: string) => lab.guestgate('explain', to, '--from', from);
      const out = explain(`${client}:80`, web.address);
      expect(out.stdout).toMatch(/inet guestgate[\s\S]*drop/);
      expect(out.stdout).not.toMatch(/uncertain|cannot be judged/i);
      const forwarded = explain(`${publicAddress}:8080`, client);
      expect(forwarded.stdout).not.toMatch(/uncertain|cannot be judged/i);
      expect([out.status, forwarded.status]).toEqual([1, 0]);
    });

    test('a neighbour that sends to the MAC address of the host does not reach it, nor the other way round', () => {
      const host = '52:54:00:00:00:01';
      lab.host.sh(`ip -n guest2 neigh replace ${web.address} lladdr ${host} dev eth0`);
      lab.host.sh(`ip -n guest1 neigh replace ${mail.address} lladdr ${host} dev eth0`);
      expect(opens('guest2', web.address, 22)).toBe(false);
      expect(opens('guest1', mail.address, 22)).toBe(false);
      lab.host.sh(
        `ip -n guest2 neigh del ${web.address} dev eth0; ip -n guest1 neigh del ${mail.address} dev eth0`,
      );
    });

    test('neighbours hear nothing of it: no broadcast, multicast or ARP', () => {
      const seen = countFrames(lab.host, 'guest2', `ether saddr ${web.mac}`);
      lab.host.sh(
        `ping -c1 -W0.2 -b 192.168.122.255; ping -c1 -W0.2 -I eth0 224.0.0.251; ping -c1 -W0.2 -I eth0 ff02::1
         timeout 2 busybox arping -c1 -w1 -I eth0 ${mail.address};`.replaceAll(/[;\n]/g, ' || true;'),
        { in: 'guest1' },
      );
      expect(seen()).toBe(0);
      const heard = countFrames(lab.host, 'guest1', `ether saddr ${mail.mac}`);
      lab.host.sh('ping -c1 -W0.2 -b 192.168.122.255 || true; ping -c1 -W0.2 -I eth0 ff02::1 || true', {
        in: 'guest2',
      });
      expect(heard()).toBe(0);
    });

    test('another source is not heard', () => {
      lab.host.sh(
        'ip -n guest1 addr add 192.168.122.99/24 dev eth0; ip -n guest1 addr add fd00:122::99/64 dev eth0 nodad',
      );
      expect(opens('guest1', client, 80, '192.168.122.99')).toBe(false);
      expect(asks('guest1', '192.168.122.1')).toBe(true);
      expect(lab.ask('guest1', '192.168.122.1', 53, { source: '192.168.122.99' })).toBe('');
      expect(opens('guest1', client6, 80, 'fd00:122::99')).toBe(false);
      lab.host.sh(
        'ip -n guest1 addr del 192.168.122.99/24 dev eth0; ip -n guest1 addr del fd00:122::99/64 dev eth0',
      );
    });

    test('by its other interface it reaches no more', () => {
      expect(opens('guest1', client, 80, '192.168.150.41')).toBe(false);
      expect(opens('guest1', far4, 80, '192.168.150.41')).toBe(false);
      expect(opens('guest3', '192.168.150.41', 22)).toBe(false);
    });

    test('egress lists what it may open, by network and protocol', () => {
      apply(
        policy(
          'inbound',
          'forward = ["8080:80"]\negress = ["443/tcp", "198.51.100.0/24:80", "[2001:db8:1::/48]:22", "53/udp"]\n',
        ),
      );
      expect(opens('guest1', client, 443)).toBe(true);
      expect(opens('guest1', client6, 443)).toBe(true);
      expect(opens('guest1', client, 80)).toBe(true);
      expect(opens('guest1', client6, 80)).toBe(false);
      expect(opens('guest1', client6, 22)).toBe(true);
      expect(opens('guest1', client, 22)).toBe(false);
      expect(asks('guest1', client)).toBe(true);
      expect(opens('guest1', far4, 443)).toBe(true);
      expect(opens('guest1', far4, 80)).toBe(false);
      expect(opens('client', publicAddress, 8080)).toBe(true);
    });

    test('open admits ports of its own address', () => {
      apply(policy('inbound', 'open = ["22", "20-30"]\n'.replace(', "20-30"', ', "443"')));
      expect(opens('client', web.address, 22)).toBe(true);
      expect(opens('client', web.address6, 443)).toBe(true);
      expect(opens('guest3', web.address, 22)).toBe(true);
      expect(opens('client', web.address, 80)).toBe(false);
    });

    test('while bridged frames pass iptables, it is no less closed, and forwards work from outside', () => {
      const setting = (value: number) =>
        lab.host.sh(
          `for one in iptables ip6tables; do f=/proc/sys/net/bridge/bridge-nf-call-$one; [ ! -e $f ] || echo ${value} >$f; done`,
        );
      setting(1);
      apply(policy('inbound'));
      expect(opens('client', publicAddress, 8080)).toBe(true);
      expect(opens('guest3', publicAddress, 8080)).toBe(true);
      for (const to of [client, mail.address, mail.address6, publicAddress])
        expect(opens('guest1', to, 80), to).toBe(false);
      for (const to of guests) expect(opens('guest2', to, 22), to).toBe(false);
      setting(0);
    });

    test('a policy that tightens ends what is open', async () => {
      apply(policy('inbound', 'egress = ["81"]\n'));
      lab.host.start('sh', ['-c', 'ip netns exec client socat TCP-LISTEN:81,fork,reuseaddr EXEC:cat']);
      await until('the client listens', () => lab.host.sh('ss -Hltn sport = :81', inSpace('client')) !== '');
      lab.host.sh('mkfifo /tmp/in');
      lab.host.start('sh', [
        '-c',
        `ip netns exec guest1 socat -t 60 TCP:${client}:81 SYSTEM:'echo one; cat /tmp/in & cat >/tmp/out' 2>/tmp/err`,
      ]);
      await until(
        'the connection answers',
        () => lab.host.sh('cat /tmp/out 2>/dev/null || true') === 'one\n',
      );
      const seen = countFrames(lab.host, 'client', 'tcp dport 81 tcp flags & psh == psh');
      apply(policy('inbound', ''));
      lab.host.sh('echo two >/tmp/in');
      expect(opens('guest1', client, 81)).toBe(false);
      expect(seen()).toBe(0);
      expect(lab.host.sh('cat /tmp/out')).toBe('one\n');
    });
  });

  test('host: the host alone reaches it, and it the host alone', () => {
    apply(policy('host', ''));
    for (const to of ['192.168.122.1', 'fd00:122::1', publicAddress, '192.168.150.1'])
      expect(opens('guest1', to, 22), to).toBe(true);
    for (const to of guests) expect(opens('host', to, 22), to).toBe(true);
    for (const to of [client, client6, mail.address, mail.address6, far4]) {
      expect(opens('guest1', to, 80), to).toBe(false);
      expect(isSilent(lab.host, 'guest1', to), to).toBe(true);
    }
    for (const from of ['client', 'guest2', 'guest3'])
      for (const to of guests) expect(isSilent(lab.host, from, to), `${from} ${to}`).toBe(true);
    expect(opens('guest1', client, 80, '192.168.150.41')).toBe(false);
    const seen = countFrames(lab.host, 'guest2', `ether saddr ${web.mac}`);
    expect(isSilent(lab.host, 'guest1', mail.address)).toBe(true);
    expect(seen()).toBe(0);
  });

  test('host: a bridge with an uplink shows nothing of it', () => {
    lab.host.sh(
      'ip link add lan type veth peer name eth0 netns client2 2>/dev/null || { ip netns add client2; ip link add lan type veth peer name eth0 netns client2; }; ip link set lan master virbr0 up; ip -n client2 link set eth0 up; ip -n client2 addr add 192.168.122.200/24 dev eth0',
    );
    const seen = countFrames(lab.host, 'client2', `ether saddr ${web.mac}`);
    expect(isSilent(lab.host, 'guest1', '192.168.122.200')).toBe(true);
    expect(isSilent(lab.host, 'client2', web.address)).toBe(true);
    expect(answers(lab.host, 'guest2', '192.168.122.200')).toBe(true);
    expect(seen()).toBe(0);
    lab.host.sh('ip link del lan; ip netns del client2');
  });

  test('none: nothing is sent or received, by either interface', () => {
    apply(policy('none', ''));
    const seen = countFrames(lab.host, 'guest2', `ether saddr ${web.mac}`);
    const heard = countFrames(lab.host, 'guest1', 'ether type { arp, ip, ip6 }');
    for (const to of ['192.168.122.1', 'fd00:122::1', '192.168.150.1', client, mail.address])
      expect(isSilent(lab.host, 'guest1', to), to).toBe(true);
    for (const from of ['host', 'guest2', 'client'])
      for (const to of guests) expect(isSilent(lab.host, from, to), `${from} ${to}`).toBe(true);
    expect(isSilent(lab.host, 'host', '192.168.150.41')).toBe(true);
    expect(asks('guest1', '192.168.122.1')).toBe(false);
    expect(seen()).toBe(0);
    expect(heard()).toBe(0);
  });

  test('open, again: everything is reached', () => {
    apply(policy('open', ''));
    expect(opens('guest1', client, 80)).toBe(true);
    expect(opens('guest2', web.address, 22)).toBe(true);
    expect(lab.host.sh('nft list table inet guestgate')).not.toContain('elements');
  });

  test('a network gives its guests their access, with or without a policy of their own; metadata does not change it', () => {
    lab.configure('[network.default]\naccess = "inbound"\n');
    const metadata = `<gg:guest xmlns:gg="urn:guestgate:1" access="open" egress="80 443" onError="start"/>`;
    lab.hook(mail, 'start', { metadata });
    lab.hook(mail, 'started', { metadata });
    lab.guestgate('apply');
    for (const guest of ['guest1', 'guest2']) {
      expect(opens(guest, client, 80), guest).toBe(false);
      expect(opens(guest, '192.168.122.1', 22), guest).toBe(false);
    }
    lab.end(mail);
    lab.configure('[network.default]\naccess = "host"\n[guest.web]\naccess = "open"\n');
    lab.guestgate('apply');
    expect(opens('guest1', client, 80)).toBe(true);
  });

  test('a guest that cannot be confined does not start', () => {
    lab.configure(policy('inbound'));
    const input = lab.xml(both, 'prepare').replace("type='network'", "type='user'");
    const { status, stderr } = lab.hook(both, 'prepare', { input });
    expect(stderr).toContain('it is of type "user"');
    expect(status).not.toBe(0);
    lab.configure(policy('inbuond'));
    expect(lab.hook(both, 'prepare').status).not.toBe(0);
    lab.configure('[network.default]\naccess = "host"\n');
    expect(lab.hook(both, 'prepare', { input }).status).not.toBe(0);
    lab.configure(policy('inbound', 'on_error = "start"\n'));
    expect(lab.hook(both, 'prepare', { input }).status).toBe(0);
  });

  test('when it has ended nothing of it is left', () => {
    lab.configure(policy('inbound'));
    lab.guestgate('apply');
    lab.end(both);
    for (const table of ['bridge', 'inet'])
      expect(lab.host.sh(`nft list table ${table} guestgate`)).not.toContain('elements');
    expect(lab.guestgate('check').stdout).toContain('agree');
  });
});
