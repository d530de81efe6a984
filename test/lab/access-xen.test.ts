import { describe, expect } from 'vitest';
import { client, client6, publicAddress, publicAddress6 } from '../support/lab.ts';
import { firstBackends } from '../support/lab-program.ts';
import type { Probe } from '../support/probe.ts';
import { allWays, answeredWays, type Ways } from '../support/who-reaches.ts';
import type { Domain, InterfaceChoice } from '../support/xen-domain.ts';
import { xenTest } from '../support/xen-test.ts';

/*
 * With whom confined Xen guests speak: "web" has two addresses in `ip=`, "wide" a whole network, "routed" no bridge, and "mail" is their
 * neighbour without a policy. Another bridge, virbr2, has "far". Xen's own vif scripts report them.
 */

const { test, xen } = xenTest();

const inbound = `[guest.web]
access = "inbound"
forward = ["8081:80"]
[guest.wide]
access = "inbound"
address = ["10.99.0.17", "fd00:99::11"]
[guest.routed]
access = "inbound"
forward = ["8083:80"]
`;

describe.each(firstBackends)('with %s', (backend) => {
  const domains: Record<string, Domain> = {};
  const spaceOf = (name: string) => `dom${domains[name]?.id}`;
  const confined = ['web', 'wide', 'routed'] as const;
  const own = {
    web: ['10.99.0.2', 'fd00:99::2'],
    wide: ['10.99.0.17', 'fd00:99::11'],
    routed: ['10.98.0.2'],
  } as const;
  const neighbours = ['10.99.0.3', '10.9.0.43', 'fd00:99::3', 'fd00:9::43'];

  const at = (port: number, ...addresses: readonly string[]): Probe[] =>
    addresses.map((address) => ({ address, port }));
  /** Xen's script gives the host's end of a routed interface the host's own address. */
  const routers = (name: string) => (name === 'routed' ? [publicAddress] : ['10.99.0.1', 'fd00:99::1']);
  const out = (): Ways =>
    Object.fromEntries(
      confined.map((name) => [
        spaceOf(name),
        [
          ...at(80, client, ...neighbours.slice(0, 2)),
          ...at(22, publicAddress),
          ...(name === 'routed'
            ? []
            : [...at(80, client6, ...neighbours.slice(2)), ...at(22, publicAddress6)]),
          ...routers(name).map((address) => ({ address, port: 53, over: 'udp' as const })),
        ],
      ]),
    );
  const inside = (): Ways => {
    const asked = [
      ...at(22, ...confined.flatMap((name) => [...own[name]])),
      ...at(8081, publicAddress, publicAddress6),
      ...at(8083, publicAddress),
    ];
    return { client: asked, host: asked, [spaceOf('mail')]: asked, far: asked };
  };
  const reached = (ways: Ways) => answeredWays(xen.host, ways);
  const of = (ways: Ways, wanted: RegExp) => allWays(ways).filter((way) => wanted.test(way));

  function apply(toml: string) {
    xen.lab.configure(toml);
    expect(xen.lab.guestgate('apply')).toMatchObject({ status: 0, stderr: '' });
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
  }
  function start(name: string, choice: InterfaceChoice, addresses: readonly string[] = []) {
    const domain = xen.define(name, [choice]);
    domains[name] = domain;
    for (const address of addresses) xen.address(`dom${domain.id}`, address);
    xen.online(domain, 0);
    xen.lab.serve(`dom${domain.id}`, `hello from ${name}`);
  }

  test.beforeAll(() => {
    xen.lab.useBackend(backend);
    xen.lab.serve('client', 'hello from the client');
    xen.lab.serve('host', 'hello from the host');
    xen.host.sh(`sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0
      ip link add virbr2 type bridge; ip addr add 10.9.0.1/24 dev virbr2; ip addr add fd00:9::1/64 dev virbr2 nodad
      ip link set virbr2 up; ip netns add far; ip link add far0 master virbr2 type veth peer name eth0 netns far
      ip link set far0 up; ip -n far link set eth0 up; ip -n far addr add 10.9.0.43/24 dev eth0
      ip -n far addr add fd00:9::43/64 dev eth0 nodad
      ip -n far route add default via 10.9.0.1; ip -n far route add default via fd00:9::1`);
    xen.lab.serve('far', 'hello from far');
    xen.lab.configure('');
    start('mail', { ip: '10.99.0.3 fd00:99::3' });
  });

  test('is in place when the script has ended, before the guest runs', () => {
    xen.lab.configure(inbound);
    start('web', { ip: '10.99.0.2 fd00:99::2' });
    const listed = xen.host.sh('nft list table bridge guestgate; nft list table inet guestgate');
    expect(listed).toMatch(/set closed \{[^}]*"vif/);
    for (const address of own.web) expect(listed).toContain(address);
    expect(xen.status(domains['web'] as Domain)).toBe('connected');
  });

  test('inbound: forwards come in, nothing goes out but DNS of the own network', async () => {
    start('wide', { ip: '10.99.0.16/28 fd00:99::10/124' }, own.wide);
    start('routed', { ip: '10.98.0.2', script: 'vif-route' });
    // As the script does with ifconfig, which hosts need not have any more.
    xen.host.sh(`ip addr replace ${publicAddress}/32 dev vif${domains['routed']?.id}.0
      ip -n ${spaceOf('routed')} route replace ${publicAddress} dev eth0
      ip -n ${spaceOf('routed')} route replace default via ${publicAddress}`);
    expect((await reached(out())).sort()).toEqual(of(out(), /udp$/).sort());
    const expected = of(inside(), / 808\d$|^host > \S+ 22$/);
    expect((await reached(inside())).sort()).toEqual(expected.sort());
    expect(xen.lab.guestgate('check').stdout).toContain('agree');
  });

  test('inbound: another address of the network in ip= is not heard', async () => {
    for (const address of ['10.99.0.18', 'fd00:99::12']) xen.address(spaceOf('wide'), address);
    const other = {
      [spaceOf('wide')]: [
        { address: '10.99.0.1', port: 22, source: '10.99.0.18' },
        { address: 'fd00:99::1', port: 22, source: 'fd00:99::12' },
        { address: client, port: 80, source: '10.99.0.18' },
      ],
    };
    expect(await reached(other)).toEqual([]);
    xen.lab.configure('');
    expect(xen.lab.guestgate('apply').status).toBe(0);
    expect(await reached(other)).toEqual(allWays(other));
    xen.host.sh(`ip -n ${spaceOf('wide')} addr del 10.99.0.18/24 dev eth0
      ip -n ${spaceOf('wide')} addr del fd00:99::12/64 dev eth0`);
    expect(await reached(out())).toEqual(allWays(out()));
    expect(await reached(inside())).toEqual(allWays(inside()).filter((way) => !/ 808\d$/.test(way)));
  });

  test('host: the host and they reach each other, no one else does; none: nothing passes', async () => {
    apply(inbound.replaceAll('"inbound"', '"host"'));
    const toHost = new RegExp(` > (${publicAddress}|${publicAddress6}) 22$|udp$`);
    expect((await reached(out())).sort()).toEqual(of(out(), toHost).sort());
    expect(await reached(inside())).toEqual(of(inside(), /^host/));
    apply(inbound.replaceAll('"inbound"', '"none"').replaceAll(/^forward.*\n/gm, ''));
    expect(await reached(out())).toEqual([]);
    expect(await reached(inside())).toEqual([]);
  });

  test('an interface that is attached is confined when its script has ended; the end leaves nothing', async () => {
    apply(inbound);
    const web = { ...(domains['web'] as Domain), nics: [{ ip: own.web.join(' ') }, { ip: '10.99.0.5' }] };
    xen.plug(web, 1);
    expect(xen.script(web, 1, 'online').status).toBe(0);
    const second = { [spaceOf('web')]: [{ address: client, port: 80, source: '10.99.0.5' }] };
    xen.host.sh(`ip -n ${spaceOf('web')} rule add from 10.99.0.5 lookup 100
      ip -n ${spaceOf('web')} route add default via 10.99.0.1 dev eth1 table 100`);
    expect(await reached(second)).toEqual([]);
    xen.lab.configure('');
    xen.lab.guestgate('apply');
    expect(await reached(second)).toEqual(allWays(second));
    for (const name of ['mail', 'wide', 'routed']) xen.end(domains[name] as Domain);
    xen.end(web);
    const left = xen.host.sh('nft list table bridge guestgate; nft list table inet guestgate');
    expect(left).not.toContain('elements');
  });
});
