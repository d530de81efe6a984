import { expect, test } from 'vitest';
import type { NamespaceRequest } from '../../../src/model/namespace.ts';
import type { NamespaceFacts } from '../../../src/netns/namespace-facts.ts';
import { planNamespace } from '../../../src/netns/plan-namespace.ts';

const facts: NamespaceFacts = {
  interfaceKind: (name) => ({ br0: 'bridge', eth0: 'port' })[name] as 'bridge' | 'port' | undefined,
  held: [
    { interface: 'eth0', address: '203.0.113.10' },
    { interface: 'br0', address: '192.168.5.1' },
    { interface: 'gn-db', address: '10.200.1.1' },
  ],
  routers: [{ interface: 'eth0', address: '203.0.113.1' }],
  machine: 'machine',
};
const web: NamespaceRequest = {
  name: 'web',
  addresses: [
    { address: '10.200.1.2', prefix: 24 },
    { address: 'fd00:200::2', prefix: 64 },
  ],
  link: { kind: 'own' },
  gateways: [],
  dns: [],
  mac: '02:00:00:00:00:01',
};
const plan = (change: Partial<NamespaceRequest> = {}) => planNamespace({ ...web, ...change }, facts);
const one = (address: string, prefix: number) => ({ addresses: [{ address, prefix }] });

test('a link of its own: the host is the router, and has a route to each address', () => {
  const planned = plan();
  expect(planned.outside).toEqual([
    expect.stringMatching(
      /^link add gn-web address 02(:[\da-f]{2}){5} type veth peer name eth0 address 02:00:00:00:00:01 netns web$/,
    ),
    'addr add 10.200.1.1/32 dev gn-web',
    'addr add fd00:200::1/128 dev gn-web nodad',
    'link set gn-web up',
    'route add 10.200.1.2/32 dev gn-web',
    'route add fd00:200::2/128 dev gn-web',
  ]);
  expect(planned.inside).toEqual([
    'link set lo up',
    'addr add 10.200.1.2/24 dev eth0 noprefixroute',
    'addr add fd00:200::2/64 dev eth0 noprefixroute nodad',
    'link set eth0 up',
    'route add 10.200.1.1/32 dev eth0',
    'route add fd00:200::1/128 dev eth0',
    'route add default via 10.200.1.1 dev eth0',
    'route add default via fd00:200::1 dev eth0',
  ]);
  expect(planned).toMatchObject({
    hostEnd: 'gn-web',
    nic: { mac: '02:00:00:00:00:01', tap: 'gn-web', addresses: ['10.200.1.2', 'fd00:200::2'] },
    notes: [],
  });
});

test.each([
  ['10.201.1.1', 24, '10.201.1.2'],
  ['10.200.1.9', 30, '10.200.1.10'],
  ['10.200.1.2', 31, '10.200.1.3'],
])('%s/%i has the host as its router at %s', (address, prefix, gateway) => {
  expect(plan(one(address, prefix)).gateways).toEqual([gateway]);
});

test('a bridge: a port, and the host as the router, if it has an address in the network there', () => {
  const link = { kind: 'bridge', bridge: 'br0' } as const;
  const planned = plan({ ...one('192.168.5.7', 24), link });
  expect(planned.outside.slice(1)).toEqual(['link set gn-web master br0']);
  expect(planned.inside).toContain('addr add 192.168.5.7/24 dev eth0');
  expect(planned).toMatchObject({ gateways: ['192.168.5.1'], nic: { bridge: 'br0', tap: 'gn-web' } });
  expect(plan({ ...one('192.168.6.7', 24), link })).toMatchObject({
    gateways: [],
    notes: ['it has no default route of IPv4 (to give it one: --gateway)'],
  });
});

test('a macvlan has the router of the host; a VLAN is another network, and has none', () => {
  const address = one('203.0.113.70', 24);
  const beside = plan({ ...address, link: { kind: 'macvlan', uplink: 'eth0' } });
  expect(beside.outside).toEqual([
    'link add link eth0 name gn-web address 02:00:00:00:00:01 type macvlan mode bridge',
    'link set gn-web netns web',
  ]);
  expect(beside.inside[1]).toBe('link set gn-web name eth0');
  expect(beside).toMatchObject({ gateways: ['203.0.113.1'], nic: { addresses: ['203.0.113.70'] } });
  expect(beside.hostEnd).toBeUndefined();
  const tagged = plan({ ...address, link: { kind: 'vlan', uplink: 'eth0', vlan: 20 } });
  expect(tagged.outside[0]).toContain('type vlan id 20');
  expect(tagged.gateways).toEqual([]);
});

test('a gateway that is given counts, in its family', () => {
  expect(plan({ gateways: ['10.200.1.254'] }).gateways).toEqual(['10.200.1.254', 'fd00:200::1']);
});

test.each<[Partial<NamespaceRequest>, string]>([
  [one('203.0.113.10', 24), '203.0.113.10 is an address of this host'],
  [one('203.0.113.70', 24), '203.0.113.0/24 is the network of eth0'],
  [one('10.0.0.2', 32), '10.0.0.2/32 has no address for the host'],
  [{ link: { kind: 'bridge', bridge: 'br9' } }, 'no interface "br9"'],
  [{ link: { kind: 'bridge', bridge: 'eth0' } }, '"eth0" is not a bridge'],
  [{ link: { kind: 'macvlan', uplink: 'eth9' } }, 'no interface "eth9"'],
])('%j: %s', (change, message) => {
  expect(() => plan(change)).toThrow(message);
});
