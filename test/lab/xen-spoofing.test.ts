import { afterEach, describe, expect } from 'vitest';
import { advertisement, dhcpOffer, fromServer6 } from '../support/ethernet-frame.ts';
import { someOf } from '../support/thoroughness.ts';
import { type Domain, macOf } from '../support/xen-domain.ts';
import { xenTest } from '../support/xen-test.ts';

/*
 * What a Xen guest may send, and whom its neighbours on the bridge hear from, with FORWARD of iptables dropping all that
 * nobody accepts. Each test looks first whether the honest packet arrives.
 */

const { test, xen } = xenTest();
let web: Domain;
let mail: Domain;
let open: Domain;

test.beforeAll(() => {
  xen.host.sh('iptables -P FORWARD DROP; ip6tables -P FORWARD DROP');
  xen.host.sh('sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1');
  web = xen.start('web', [{ ip: '10.99.0.2 fd00:99::2 10.99.7.0/24' }]);
  mail = xen.start('mail', [{ ip: '10.99.0.3 fd00:99::3' }]);
  open = xen.start('open', [{}]);
  xen.address('dom3', '10.99.0.4');
});

const bothPlaces = [
  ['the host', '10.99.0.1', 'fd00:99::1'],
  ['another guest', '10.99.0.3', 'fd00:99::3'],
  ['the network beyond the bridge', '10.99.0.200', 'fd00:99::200'],
] as const;

describe('with ip=, a guest is heard with its own addresses alone', () => {
  test.each(bothPlaces)('by %s', (_, to, to6) => {
    expect(xen.pings('dom1', to)).toBe(true);
    expect(xen.pings('dom1', to6)).toBe(true);
    for (const false4 of ['10.99.0.77', '10.99.0.4']) {
      xen.host.sh(`ip -n dom1 addr add ${false4}/24 dev eth0`);
      // The others would answer to where they think that this address is.
      xen.host.sh(`ip netns exec dom1 ping -c1 -W0.2 -I ${false4} ${to} >/dev/null 2>&1 || true`);
      expect(xen.isSilent('dom1', to, false4)).toBe(true);
      xen.host.sh(`ip -n dom1 addr del ${false4}/24 dev eth0`);
    }
    xen.host.sh('ip -n dom1 addr add fd00:99::77/64 dev eth0 nodad');
    expect(xen.isSilent('dom1', to6, 'fd00:99::77')).toBe(true);
    xen.host.sh('ip -n dom1 addr del fd00:99::77/64 dev eth0');
  });

  test('not even one packet of a false address arrives', () => {
    xen.host.sh('ip -n dom1 addr add 10.99.0.77/24 dev eth0');
    const heard = xen.lab.countEchoes('dom2');
    xen.isSilent('dom1', '10.99.0.3', '10.99.0.77');
    xen.pings('dom1', '10.99.0.3', '10.99.0.2');
    xen.host.sh('ip -n dom1 addr del 10.99.0.77/24 dev eth0');
    expect(heard()).toEqual(['10.99.0.2']);
  });

  test('a network in ip= counts whole', () => {
    xen.host.sh('ip -n dom1 addr add 10.99.7.9/24 dev eth0; ip addr add 10.99.7.1/24 dev xenbr0');
    expect(xen.pings('dom1', '10.99.7.1', '10.99.7.9')).toBe(true);
    xen.host.sh('ip -n dom1 addr del 10.99.7.9/24 dev eth0; ip addr del 10.99.7.1/24 dev xenbr0');
  });

  test('another MAC address than its own is not heard', () => {
    xen.host.sh('ip -n dom1 link set eth0 address 00:16:3e:99:99:99');
    for (const [, to, to6] of bothPlaces) {
      expect(xen.isSilent('dom1', to)).toBe(true);
      expect(xen.isSilent('dom1', to6)).toBe(true);
    }
    xen.host.sh(`ip -n dom1 link set eth0 address ${macOf(web.id)}`);
    expect(xen.pings('dom1', '10.99.0.3')).toBe(true);
  });

  test('it cannot claim a neighbour in ARP', () => {
    const seenBy = (space: string, address: string) =>
      xen.host.sh(`ip neigh show ${address} dev eth0`, { in: space }).match(/lladdr (\S+)/)?.[1];
    expect(xen.pings('beyond', '10.99.0.3')).toBe(true);
    expect(seenBy('beyond', '10.99.0.3')).toBe(macOf(mail.id));
    xen.host.sh('ip -n dom1 addr add 10.99.0.3/32 dev eth0');
    xen.host.sh('echo 1 >/proc/sys/net/ipv4/conf/all/arp_accept', { in: 'beyond' });
    xen.host.sh('timeout 2 busybox arping -q -U -c2 -w1 -I eth0 10.99.0.3 || true', { in: 'dom1' });
    expect(seenBy('beyond', '10.99.0.3')).toBe(macOf(mail.id));
    xen.host.sh('ip -n dom1 addr del 10.99.0.3/32 dev eth0');
  });

  test('it cannot claim a neighbour in neighbour discovery', () => {
    const seen = () =>
      xen.host.sh('ip neigh show fd00:99::3 dev eth0', { in: 'beyond' }).match(/lladdr (\S+)/)?.[1];
    expect(xen.pings('beyond', 'fd00:99::3')).toBe(true);
    expect(seen()).toBe(macOf(mail.id));
    // Asked for it, the false one would answer first: the true one is silent.
    xen.host.sh('ip -n dom2 link set eth0 down');
    xen.host.sh('ip -n dom1 addr add fd00:99::3/64 dev eth0 nodad; ip -n beyond neigh flush all');
    expect(xen.isSilent('beyond', 'fd00:99::3')).toBe(true);
    expect(seen()).toBeUndefined();
    xen.host.sh('ip -n dom1 addr del fd00:99::3/64 dev eth0; ip -n dom2 link set eth0 up');
    xen.address('dom2', 'fd00:99::3');
  });

  /** Counts in the network beyond what arrives of a kind, from now on. */
  function countBeyond(match: string): () => number {
    xen.host.sh(
      `nft 'table netdev seen { counter seen { }
        chain ingress { type filter hook ingress device eth0 priority 0; ${match} counter name seen; }; }'`,
      { in: 'beyond' },
    );
    return () =>
      Number(xen.host.sh('nft list counter netdev seen seen', { in: 'beyond' }).match(/packets (\d+)/)?.[1]);
  }
  afterEach(() => {
    xen.host.sh('nft delete table netdev seen 2>/dev/null || true', { in: 'beyond' });
  });

  test.each([
    ['8100', 'VLAN tags would hide what is inside'],
    ['88b5', 'nobody knows what they are'],
  ])('frames of type %s are dropped: %s', (type) => {
    const seen = countBeyond(`ether type 0x${type}`);
    xen.sendFrame(web, type);
    expect(seen()).toBe(0);
    xen.sendFrame(open, type);
    expect(seen()).toBe(1);
  });

  test("an advertisement from its own address about a neighbour's is dropped", () => {
    // The true owner answers its neighbours at any time: only what the guest itself sends counts.
    const own = `ether saddr ${macOf(web.id)} icmpv6 type nd-neighbor-advert`;
    const forged = countBeyond(`${own} @th,64,128 0xfd000099000000000000000000000003`);
    xen.sendFrame(web, advertisement('fd00:99::2', 'fd00:99::3', macOf(web.id)));
    expect(forged()).toBe(0);
    xen.host.sh('nft delete table netdev seen', { in: 'beyond' });
    const honest = countBeyond(`${own} @th,64,128 0xfd000099000000000000000000000002`);
    xen.sendFrame(web, advertisement('fd00:99::2', 'fd00:99::2', macOf(web.id)));
    expect(honest()).toBeGreaterThan(0);
  });

  test.each(
    someOf(
      [
        ['a DHCP answer', 'udp sport 67', dhcpOffer],
        ['a DHCPv6 answer', 'udp sport 547', fromServer6('fd00:99::2', 'DHCPv6')],
        [
          'a router advertisement',
          'icmpv6 type nd-router-advert',
          fromServer6('fd00:99::2', 'router advertisement'),
        ],
      ] as const,
      2,
    ),
  )('%s is dropped, even from its own address', (_, match, body) => {
    const seen = countBeyond(match);
    xen.sendFrame(web, body);
    expect(seen()).toBe(0);
    xen.sendFrame(open, body);
    expect(seen()).toBe(1);
  });

  test('it may ask for an address by DHCP', () => {
    xen.host.sh(`nft 'table ip dhcp { counter asked { }
      chain input { type filter hook input priority -300; udp dport 67 counter name asked drop; }; }'`);
    xen.host.sh('ip netns exec dom1 busybox udhcpc -i eth0 -n -q -t1 -T1 -s /bin/true 2>/dev/null || true');
    expect(xen.host.sh('nft list counter ip dhcp asked')).toMatch(/packets [1-9]/);
    xen.host.sh('nft delete table ip dhcp');
  });

  test('whether an address is free may be asked for its own', () => {
    // Duplicate address detection, without nodad: answered by nobody, so the address becomes valid.
    xen.host.sh('ip -n dom1 addr del fd00:99::2/64 dev eth0; ip -n dom1 addr add fd00:99::2/64 dev eth0');
    xen.host.sh(
      'for i in $(seq 2000); do ip -n dom1 addr show dev eth0 tentative | grep -q fd00 || exit 0; sleep 0.1; done; exit 1',
    );
    expect(xen.pings('dom1', 'fd00:99::3')).toBe(true);
  });
});

test('without ip= a guest may send what it likes', () => {
  expect(xen.pings('dom3', '10.99.0.2')).toBe(true);
  xen.host.sh('ip -n dom3 addr add 10.99.0.88/24 dev eth0');
  expect(xen.pings('dom3', '10.99.0.200', '10.99.0.88')).toBe(true);
});

test('the bridge sees to it whether or not bridged frames pass iptables', () => {
  xen.host.sh('sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0');
  xen.host.sh('ip -n dom1 addr add 10.99.0.77/24 dev eth0');
  expect(xen.pings('dom1', '10.99.0.3')).toBe(true);
  expect(xen.isSilent('dom1', '10.99.0.3', '10.99.0.77')).toBe(true);
  xen.host.sh('ip -n dom1 addr del 10.99.0.77/24 dev eth0');
  xen.host.sh('sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1');
});

test('iptables alone drops a spoofed packet, also on its way to a guest whose port takes everything', () => {
  xen.host.sh('nft delete table bridge guestgate; ip -n dom1 addr add 10.99.0.77/24 dev eth0');
  expect(xen.pings('dom1', '10.99.0.3')).toBe(true);
  expect(xen.isSilent('dom1', '10.99.0.3', '10.99.0.77')).toBe(true);
  expect(xen.isSilent('dom1', '10.99.0.4', '10.99.0.77')).toBe(true);
  xen.host.sh('ip -n dom1 addr del 10.99.0.77/24 dev eth0');
  const { stdout, status } = xen.lab.guestgate('check');
  expect(stdout).toContain('kernel: the ruleset has no table bridge guestgate (guestgate replay)');
  expect(status).toBe(1);
  expect(xen.lab.guestgate('replay').status).toBe(0);
  expect(xen.lab.guestgate('check').stdout).toContain('agree');
});

describe('isolated guests', () => {
  test('reach the host and what is beyond, and no other guest; nor do others reach them', () => {
    xen.lab.configure('[guest.mail]\nisolated = true\n');
    expect(xen.pings('dom2', '10.99.0.2')).toBe(true);
    expect(xen.lab.guestgate('apply').status).toBe(0);
    expect(xen.pings('dom2', '10.99.0.1')).toBe(true);
    expect(xen.pings('dom2', '10.99.0.200')).toBe(true);
    expect(xen.isSilent('dom2', '10.99.0.2')).toBe(true);
    expect(xen.isSilent('dom3', '10.99.0.3')).toBe(true);
    expect(xen.pings('dom3', '10.99.0.2')).toBe(true);
    xen.lab.configure('');
    expect(xen.lab.guestgate('apply').status).toBe(0);
    expect(xen.pings('dom2', '10.99.0.2')).toBe(true);
  });
});

test('when the guests have ended nothing of theirs is left', () => {
  for (const domain of [web, mail, open]) xen.end(domain);
  expect(xen.host.sh('iptables-save; ip6tables-save')).not.toContain('VIFS');
  expect(xen.host.sh('nft list table bridge guestgate')).not.toContain('elements');
  expect(xen.lab.guestgate('check').stdout).toContain('agree');
});
