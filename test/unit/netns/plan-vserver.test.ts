import { expect, test } from 'vitest';

import { planVserver } from '../../../src/netns/plan-vserver.ts';
import type { DeviceLink, VserverRequest } from '../../../src/netns/read-vserver.ts';

const facts = {
  interfaceKind: (name: string) => ({ br0: 'bridge', eth0: 'port' })[name] as 'bridge' | 'port' | undefined,
  held: [
    { interface: 'eth0', address: '203.0.113.10' },
    { interface: 'gv1000-0', address: '10.20.0.1' },
  ],
  routers: [{ interface: 'eth0', address: '203.0.113.1' }],
  machine: 'machine',
};
const mac = '02:00:00:03:e9:00';
const request = (link: DeviceLink, ...addresses: readonly string[]): VserverRequest => ({
  name: 'web',
  context: 1001,
  namespace: 'shop',
  devices: [
    {
      number: 0,
      link,
      mac,
      addresses: addresses.map((address) => ({ address, prefix: address.includes(':') ? 64 : 24 })),
      gateways: [],
    },
  ],
});

test('a link of its own beside that of another guest: a route of the host, and a table of its own in the namespace', () => {
  const plan = planVserver(request({ kind: 'own' }, '10.20.0.2', 'fd00:20::2'), facts);
  expect(plan.outside).toEqual([
    expect.stringMatching(
      /^link add gv1001-0 address 02(:[\da-f]{2}){5} type veth peer name vs1001-0 netns shop address 02:00:00:03:e9:00$/,
    ),
    'addr add 10.20.0.1/32 dev gv1001-0',
    'addr add fd00:20::1/128 dev gv1001-0 nodad',
    'link set gv1001-0 up',
    'route add 10.20.0.2/32 dev gv1001-0',
    'route add fd00:20::2/128 dev gv1001-0',
  ]);
  expect(plan.inside).toEqual([
    'addr add 10.20.0.2/24 dev vs1001-0 noprefixroute',
    'addr add fd00:20::2/64 dev vs1001-0 noprefixroute nodad',
    'link set vs1001-0 up',
    ...[
      '10.20.0.1/32 dev vs1001-0',
      'fd00:20::1/128 dev vs1001-0',
      '0.0.0.0/0 via 10.20.0.1 dev vs1001-0 onlink',
      '::/0 via fd00:20::1 dev vs1001-0',
    ].flatMap((route) => [`route add ${route} metric 1001`, `route add ${route} table 66537`]),
    'rule add from 10.20.0.2/32 lookup 66537',
  ]);
  expect(plan.inside6).toEqual(['rule add from fd00:20::2/128 lookup 66537']);
  expect(plan).toMatchObject({
    nics: [{ mac, tap: 'gv1001-0', addresses: ['10.20.0.2', 'fd00:20::2'] }],
    hostEnd: 'gv1001-0',
    nat: true,
  });
});

test.each<[DeviceLink, string, object]>([
  [
    { kind: 'vlan', uplink: 'eth0', vlan: 20 },
    `link add link eth0 name vs1001-0 netns shop address ${mac} type vlan id 20`,
    { unseen: 'vlan' },
  ],
  [
    { kind: 'macvlan', uplink: 'eth0' },
    `link add link eth0 name vs1001-0 netns shop address ${mac} type macvlan mode bridge`,
    { unseen: 'macvlan' },
  ],
])('%j: a device in the namespace, whose frames no rule of the host sees', (link, line, nic) => {
  const plan = planVserver(request(link, '203.0.113.70'), facts);
  expect(plan.outside).toEqual([line]);
  expect(plan.nics).toEqual([{ mac, ...nic, addresses: ['203.0.113.70'] }]);
  expect(plan.nat).toBe(false);
  expect(plan.inside.some((one) => one.includes('via 203.0.113.1'))).toBe(link.kind === 'macvlan');
});

test('what the host lacks, or has already, is refused', () => {
  expect(() => planVserver(request({ kind: 'bridge', bridge: 'eth0' }, '10.1.0.2'), facts)).toThrow(
    '"eth0" is not a bridge',
  );
  expect(() => planVserver(request({ kind: 'own' }, '203.0.113.10'), facts)).toThrow(
    'an address of this host',
  );
  expect(() => planVserver(request({ kind: 'own' }, '203.0.113.7'), facts)).toThrow('the network of eth0');
});
