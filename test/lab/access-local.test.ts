import { describe, expect } from 'vitest';
import { countFrames } from '../support/echo.ts';
import { client, client6, publicAddress, publicAddress6 } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import { labTest } from '../support/lab-test.ts';
import type { Probe } from '../support/probe.ts';
import { allWays, answeredWays, type Ways } from '../support/who-reaches.ts';

/*
 * With whom confined guests speak that no hypervisor reports, in both families, while nothing is forwarded but what guestgate admits:
 *
 *   tap     reported with its port of virbr0 (`guest up`), as a microVM's          guest1
 *   routed  reported with a tap of its own, to which a route leads; no MAC address is known
 *   own     a namespace (`netns add`) whose router is the host
 *   port    a namespace on virbr0
 *   mail    their neighbour on virbr0, without a policy                            guest2
 *   far     on another bridge, virbr2, without a policy                            guest3
 */

const labs = firstBackends.map((backend) => ({
  backend,
  ...labTest({ guests: ['tap', 'mail', 'far'], ipv6: true, backend }),
}));

describe.each(labs)('$backend:', ({ test, lab, tap, mail }) => {
  const far = ['10.9.0.43', 'fd00:9::43'];
  const guests = {
    guest1: [tap.address, tap.address6],
    routed: ['10.200.3.2', 'fd00:203::2'],
    own: ['10.200.1.2', 'fd00:200::2'],
    port: ['192.168.122.70', 'fd00:122::70'],
  } as const;
  const routers = {
    guest1: ['192.168.122.1', 'fd00:122::1'],
    routed: ['10.200.3.1', 'fd00:203::1'],
    own: ['10.200.1.1', 'fd00:200::1'],
    port: ['192.168.122.1', 'fd00:122::1'],
  } as const;
  const spaces = Object.keys(guests) as (keyof typeof guests)[];
  const forwards = { guest1: 8081, routed: 8082, own: 8083, port: 8084 } as const;
  const names = { guest1: 'tap', routed: 'routed', own: 'own', port: 'port' } as const;

  const at = (port: number, ...addresses: readonly string[]): Probe[] =>
    addresses.map((address) => ({ address, port }));
  const dns = (...addresses: readonly string[]): Probe[] =>
    addresses.map((address) => ({ address, port: 53, over: 'udp' }));
  const reached = (ways: Ways) => answeredWays(lab.host, ways);

  const outwards = (space: keyof typeof guests): Probe[] => [
    ...at(80, client, client6),
    ...at(80, mail.address, mail.address6, ...far),
    ...at(22, publicAddress, publicAddress6, ...routers[space]),
    ...at(22, ...spaces.filter((other) => other !== space).flatMap((other) => [...guests[other]])),
    ...dns(...routers[space], client),
  ];
  const inwards = (): Probe[] => [
    ...at(22, ...spaces.flatMap((space) => [...guests[space]])),
    ...spaces.flatMap((space) => at(forwards[space], publicAddress, publicAddress6)),
  ];
  const out = (): Ways => Object.fromEntries(spaces.map((space) => [space, outwards(space)]));
  const inside = (): Ways => ({ client: inwards(), host: inwards(), guest2: inwards(), guest3: inwards() });

  function policies(access: string, more = (port: number) => `forward = ["${port}:80"]\n`): string {
    return spaces
      .map((space) => `[guest.${names[space]}]\naccess = "${access}"\n${more(forwards[space])}`)
      .join('');
  }
  function apply(text: string) {
    lab.configure(text);
    expect(lab.guestgate('apply')).toMatchObject({ status: 0, stderr: '' });
    expect(lab.guestgate('check').stdout).toContain('agree');
  }

  test.beforeAll(() => {
    lab.serve('client', 'hello from the client');
    lab.serve('host', 'hello from the host');
    lab.host.sh(`for f in /proc/sys/net/bridge/bridge-nf-call-ip*tables; do [ ! -e $f ] || echo 0 >$f; done
      ip link add virbr2 type bridge; ip addr add 10.9.0.1/24 dev virbr2; ip addr add fd00:9::1/64 dev virbr2 nodad
      ip link set virbr2 up; ip link set vnet3 master virbr2; ip -n guest3 addr flush dev eth0 scope global
      ip -n guest3 addr add ${far[0]}/24 dev eth0; ip -n guest3 addr add ${far[1]}/64 dev eth0 nodad
      ip -n guest3 route replace default via 10.9.0.1; ip -n guest3 route replace default via fd00:9::1
      ip netns add routed; ip link add tap-web type veth peer name eth0 netns routed
      ip addr add 10.200.3.1/32 dev tap-web; ip addr add fd00:203::1/128 dev tap-web nodad; ip link set tap-web up
      ip route add 10.200.3.2/32 dev tap-web; ip route add fd00:203::2/128 dev tap-web
      ip -n routed addr add 10.200.3.2/24 dev eth0; ip -n routed addr add fd00:203::2/64 dev eth0 nodad
      ip -n routed link set eth0 up; ip -n routed route add default via 10.200.3.1
      ip -n routed route add default via fd00:203::1`);
    lab.configure(policies('open'));
    for (const [name, link, addresses, mac] of [
      ['tap', tap.tap, guests.guest1, ['--mac', tap.mac]],
      ['routed', 'tap-web', guests.routed, []],
    ] as const)
      expect(
        lab.guestgate('guest', 'up', name, '--address', addresses.join(), '--interface', link, ...mac),
      ).toMatchObject({ status: 0 });
    const netns = (name: 'own' | 'port', ...more: readonly string[]) =>
      lab.guestgate(
        ...['netns', 'add', name, '--address'],
        `${guests[name][0]}/24,${guests[name][1]}/64`,
        ...more,
      );
    expect(netns('own', '--no-nat').status).toBe(0);
    expect(netns('port', '--bridge', 'virbr0').status).toBe(0);
    for (const space of ['routed', 'own', 'port']) lab.serve(space, `hello from ${space}`);
  });

  /** Of these ways, those that begin at one of the places and lead to one of the addresses, and ports. */
  const ways = (all: Ways, from: readonly string[], to: readonly string[], ports: readonly string[]) =>
    allWays(all).filter((way) => {
      const [space = '', , address = '', port = ''] = way.split(' ');
      return from.includes(space) && to.includes(address) && ports.includes(port);
    });
  const own = spaces.flatMap((space) => [...guests[space]]);
  const forwarded = spaces.map((space) => `${forwards[space]}`);
  const host = [publicAddress, publicAddress6];
  const dnsOfNetworks = () => spaces.flatMap((space) => ways(out(), [space], routers[space], ['53/udp']));

  test('while they are open, everything is reached', async () => {
    expect(await reached(out())).toEqual(allWays(out()));
    expect(await reached(inside())).toEqual(allWays(inside()));
  });

  test('inbound: forwards come in, nothing goes out but DNS of the own network, in both families', async () => {
    apply(policies('inbound'));
    expect(await reached(out())).toEqual(dnsOfNetworks());
    const from = ['client', 'host', 'guest2', 'guest3'];
    const expected = [...ways(inside(), from, host, forwarded), ...ways(inside(), ['host'], own, ['22'])];
    expect((await reached(inside())).sort()).toEqual(expected.sort());
  });

  test('inbound: no address of their own choice leads to the host, link-local or not', async () => {
    const linkLocal = (device: string) =>
      /inet6 (fe80\S+)\//.exec(lab.host.sh(`ip -o -6 addr show dev ${device} scope link`))?.[1] ?? '';
    const devices = { guest1: 'virbr0', port: 'virbr0', routed: 'tap-web', own: 'gn-own' } as const;
    const asked = spaces.map((space, nth): [string, readonly Probe[]] => {
      const [router, router6] = routers[space];
      // One for each: two of them are on one bridge.
      const others = [router.replace(/1$/, `9${nth}`), router6.replace(/1$/, `9${nth}`), `fe80::9${nth}`];
      for (const [at, other] of others.entries())
        lab.host.sh(`ip -n ${space} addr add ${other}/${at === 0 ? '24' : '64 nodad'} dev eth0
          ${at < 2 && !devices[space].startsWith('virbr') ? `ip route add ${other} dev ${devices[space]}` : ''}`);
      const index = /^\d+/.exec(lab.host.sh(`ip -n ${space} -o link show eth0`))?.[0];
      const address = `${linkLocal(devices[space])}%${index}`;
      return [
        space,
        [
          ...at(22, address),
          { address, port: 22, source: `${others[2]}%${index}` },
          { address: router, port: 53, over: 'udp', source: others[0] ?? '' },
          { address: router6, port: 53, over: 'udp', source: others[1] ?? '' },
        ],
      ];
    });
    const all = Object.fromEntries(asked);
    expect(await reached(all)).toEqual([]);
    apply('');
    expect(await reached(all)).toEqual(allWays(all));
    for (const [space, probes] of asked)
      for (const { source = '' } of probes.slice(1)) {
        const other = source.replace(/%.*/, '');
        lab.host.sh(`ip -n ${space} addr del ${other}/${other.includes(':') ? 64 : 24} dev eth0`);
      }
  });

  test('inbound: egress lists what they open', async () => {
    apply(policies('inbound', () => `egress = ["198.51.100.0/24:80", "[${far[1]}/128]:80", "53/udp"]\n`));
    const expected = spaces.flatMap((space) => [
      ...ways(out(), [space], [client, far[1] ?? ''], ['80']),
      ...ways(out(), [space], [...routers[space], client], ['53/udp']),
    ]);
    expect((await reached(out())).sort()).toEqual([...new Set(expected)].sort());
  });

  test('host: the host and they reach each other, no one else does', async () => {
    apply(policies('host'));
    const toHost = spaces.flatMap((space) => ways(out(), [space], [...host, ...routers[space]], ['22']));
    expect((await reached(out())).sort()).toEqual([...toHost, ...dnsOfNetworks()].sort());
    const inwardsOfHost = ways(inside(), ['host'], [...own, ...host], ['22', ...forwarded]);
    expect((await reached(inside())).sort()).toEqual(inwardsOfHost.sort());
  });

  test('none: nothing passes', async () => {
    apply(policies('none', () => ''));
    expect(await reached(out())).toEqual([]);
    expect(await reached(inside())).toEqual([]);
  });

  test('a namespace on a bridge is confined before it sends its first frame', () => {
    lab.configure('[guest.shy]\naccess = "host"\n');
    const mac = '02:00:00:00:00:77';
    const shy = [
      'netns',
      'add',
      'shy',
      '--address',
      '192.168.122.77/24,fd00:122::77/64',
      '--bridge',
      'virbr0',
    ];
    const seen = countFrames(lab.host, 'guest2', `ether saddr ${mac}`);
    expect(lab.guestgate(...shy, '--mac', mac)).toMatchObject({ status: 0, stderr: '' });
    lab.host.sh('ip netns exec shy ping -c1 -W0.2 192.168.122.42 >/dev/null || true');
    expect(lab.pings('host', '192.168.122.77')).toBe(true);
    expect(seen()).toBe(0);
    expect(lab.guestgate('netns', 'del', 'shy').status).toBe(0);
  });

  test('what no rule of the host can confine is refused, and nothing of it is left', () => {
    apply('[guest.past]\naccess = "inbound"\n');
    const links = () => lab.host.sh("ip -o link | sed 's/^[0-9]*: //; s/[:@].*//' | sort; ls /run/netns");
    const before = links();
    const past = ['netns', 'add', 'past', '--address', '198.51.100.70/24', '--uplink', 'eth0'];
    expect(lab.guestgate(...past)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it is of type "macvlan"'),
    });
    const unnamed = ['guest', 'up', 'past', '--address', mail.address, '--interface', mail.tap];
    expect(lab.guestgate(...unnamed)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('it may send from any'),
    });
    expect(links()).toBe(before);
    expect(lab.guestgate('check').stdout).toContain('agree');
  });
});
