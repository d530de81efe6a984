import { describe, expect } from 'vitest';
import { publicAddress, publicAddress6 } from '../support/lab.ts';
import { mainBackends } from '../support/lab-program.ts';
import { type Domain, macOf } from '../support/xen-domain.ts';
import type { XenLab } from '../support/xen-lab.ts';
import { xenTest } from '../support/xen-test.ts';

/*
 * A guest that sends its packets for a neighbour to the host's MAC address asks the host to route them back to the bridge
 * that they came from. Guests that are `isolated` neither send nor get such packets, but for what a forward translates. Each
 * test looks whether a packet arrives, not whether it is answered: one packet can be enough to do harm.
 */

const hostMac = '52:54:00:00:00:03';
const host4 = (name: Name) => `10.99.0.${name === 'beyond' ? 200 : numbers[name]}`;
const host6 = (name: Name) => `fd00:99::${name === 'beyond' ? 200 : numbers[name]}`;

/** `web` and `loose` are isolated, and `loose` has no `ip=`: nothing checks what it sends. */
const numbers = { web: 2, loose: 3, mail: 4, shop: 5 } as const;
type Name = keyof typeof numbers | 'beyond';

const isolatedPolicy = `
[guest.web]
isolated = true
forward = ["8080:80"]
[guest.loose]
isolated = true
[guest.mail]
forward = ["8081:80"]
`;

const { test, xen } = xenTest();

describe.each(mainBackends)('with %s', (backend) => {
  const domains = new Map<Name, Domain>();
  const spaceOf = (name: Name) => (name === 'beyond' ? name : `dom${domains.get(name)?.id}`);

  const passIptables = (how: 0 | 1) =>
    xen.host.sh(
      `sysctl -qw net.bridge.bridge-nf-call-iptables=${how} net.bridge.bridge-nf-call-ip6tables=${how}`,
    );

  test.beforeAll(() => {
    passIptables(0);
    xen.host.sh('ip neigh flush dev xenbr0; ip -n beyond neigh flush dev eth0');
    xen.host.sh('sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.xenbr0.send_redirects=0');
    xen.lab.useBackend(backend);
    xen.lab.configure(isolatedPolicy);
    for (const [name, number] of Object.entries(numbers) as [Exclude<Name, 'beyond'>, number][]) {
      const addresses = `10.99.0.${number} fd00:99::${number}`;
      domains.set(name, xen.start(name, [name === 'loose' ? {} : { ip: addresses }]));
      if (name === 'loose') for (const address of addresses.split(' ')) xen.address(spaceOf(name), address);
      xen.lab.serve(spaceOf(name), `hello from ${name}`);
    }
    for (const name of [...domains.keys(), 'beyond'] as const) countEchoes(xen, spaceOf(name));
  });

  /** Whether packets of both families arrive that are sent to the host's MAC address. The host knows where its neighbours are. */
  function arrives(from: Name, to: Name): readonly boolean[] {
    const addresses = [host4(to), host6(to)];
    for (const address of addresses) expect(xen.pings('host', address)).toBe(true);
    const before = echoes(xen, spaceOf(to));
    const send = (address: string) =>
      `(ip neigh replace ${address} lladdr ${hostMac} dev eth0
        ping -c1 -W0.2 ${address} >/dev/null; ip neigh del ${address} dev eth0) &`;
    xen.host.sh(`${addresses.map(send).join('\n')}\nwait`, { in: spaceOf(from) });
    return echoes(xen, spaceOf(to)).map((count, at) => count > (before[at] ?? 0));
  }

  const [both, neither] = [
    [true, true],
    [false, false],
  ];
  const ways = [
    ['mail', 'shop', both],
    ['web', 'mail', neither],
    ['mail', 'web', neither],
    ['loose', 'mail', neither],
    ['mail', 'loose', neither],
    ['web', 'beyond', both],
    ['beyond', 'web', both],
  ] as const;
  const moreWays = [
    ['web', 'loose', neither],
    ['loose', 'web', neither],
    ['loose', 'beyond', both],
    ['beyond', 'loose', both],
  ] as const;

  function expectWays(expectedWays: readonly (readonly [Name, Name, readonly boolean[]])[] = ways): void {
    const words = (from: Name, to: Name, arrived: readonly boolean[]) =>
      `${from} to ${to}: ${arrived.join(', ')}`;
    const seen = expectedWays.map(([from, to]) => words(from, to, arrives(from, to)));
    expect(seen).toEqual(expectedWays.map(([from, to, expected]) => words(from, to, expected)));
  }

  test('the host routes to and from an isolated guest what is not for its neighbours', () => {
    expectWays([...ways, ...moreWays]);
  });

  test('with another MAC address, too, where nothing checks it', () => {
    const own = macOf(domains.get('loose')?.id ?? 0);
    xen.host.sh('ip link set eth0 address 00:16:3e:99:99:99', { in: spaceOf('loose') });
    expect(arrives('loose', 'mail')).toEqual(neither);
    expect(arrives('loose', 'beyond')).toEqual(both);
    xen.host.sh(`ip link set eth0 address ${own}`, { in: spaceOf('loose') });
    xen.host.sh('ip neigh flush dev xenbr0');
  });

  test('marks that other programs set and restore change nothing, and reach the neighbours of no guest', () => {
    xen.host.sh(`nft 'table inet others {
      chain pre { type filter hook prerouting priority mangle; meta mark set 7; }
      chain post { type filter hook postrouting priority srcnat; meta mark set 8; }
    }'`);
    expectWays();
    xen.host.sh('nft delete table inet others');
  });

  test('connections that the host does not track are no way around', () => {
    for (const iptables of ['iptables', 'ip6tables'])
      xen.host.sh(`${iptables} -t raw -A PREROUTING -i xenbr0 -j CT --notrack`);
    expectWays();
    for (const iptables of ['iptables', 'ip6tables'])
      xen.host.sh(`${iptables} -t raw -D PREROUTING -i xenbr0 -j CT --notrack`);
  });

  test('a host that answers for all neighbours (proxy ARP) does not lead to them', () => {
    xen.host.sh('sysctl -qw net.ipv4.neigh.xenbr0.proxy_delay=0');
    xen.host.sh('sysctl -qw net.ipv4.conf.xenbr0.proxy_arp=1 net.ipv4.conf.xenbr0.proxy_arp_pvlan=1');
    const before = echoes(xen, spaceOf('mail'));
    expect(xen.isSilent(spaceOf('web'), host4('mail'))).toBe(true);
    expect(echoes(xen, spaceOf('mail'))).toEqual(before);
    expect(xen.host.sh(`ip neigh show ${host4('mail')}`, { in: spaceOf('web') })).toContain(hostMac);
    xen.host.sh('sysctl -qw net.ipv4.conf.xenbr0.proxy_arp=0 net.ipv4.conf.xenbr0.proxy_arp_pvlan=0');
    xen.host.sh('ip neigh flush all', { in: spaceOf('web') });
  });

  test('forwards lead from one guest to the other, isolated or not', () => {
    const fetch = (from: Name, port: number) =>
      [publicAddress, publicAddress6].map((to) => xen.lab.fetch(spaceOf(from), to, port).split(',')[0]);
    expect(fetch('mail', 8080)).toEqual(['hello from web', 'hello from web']);
    expect(fetch('web', 8081)).toEqual(['hello from mail', 'hello from mail']);
    expect(fetch('web', 8080)).toEqual(['hello from web', 'hello from web']);
    expect(xen.lab.fetch('client', publicAddress, 8080)).toContain('hello from web');
  });

  test('with bridged frames that pass iptables as well', () => {
    passIptables(1);
    expectWays();
    passIptables(0);
  });

  test('a guest that is isolated no longer reaches its neighbours again; check agrees before and after', () => {
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    xen.lab.configure('');
    expect(xen.lab.guestgate('apply').status).toBe(0);
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
    expect(arrives('web', 'mail')).toEqual(both);
    for (const domain of domains.values()) xen.end(domain);
    const left = xen.host.sh('nft list table bridge guestgate; nft list table inet guestgate');
    expect(left).not.toContain('elements');
  });
});

function countEchoes(xen: XenLab, space: string): void {
  xen.host.sh(
    `nft 'table inet echoes { counter v4 { }; counter v6 { }
      chain input { type filter hook input priority 0
        icmp type echo-request counter name v4; icmpv6 type echo-request counter name v6; }; }'`,
    { in: space },
  );
}

/** How many requests of each family have arrived. */
function echoes(xen: XenLab, space: string): number[] {
  const listed = xen.host.sh('nft list counters table inet echoes', { in: space });
  return [...listed.matchAll(/packets (\d+)/g)].map(([, packets]) => Number(packets));
}
