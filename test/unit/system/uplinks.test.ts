import { expect, test } from 'vitest';
import {
  defaultRouteInterface,
  defaultRouteInterfaces,
  factsText,
  holdersOf,
  interfaceAddresses,
  parseDefaultRoutes,
  parseDefaultRoutes6,
} from '../../../src/system/uplinks.ts';

const facts = {
  addresses: [
    { interface: 'eth0', address: '198.51.100.1' },
    { interface: 'eth1', address: '203.0.113.1' },
  ],
  defaultRoutes: { ip: 'eth0', ip6: undefined },
};

test('facts are the same text in whichever order the kernel lists them', () => {
  expect(factsText({ ...facts, addresses: facts.addresses.toReversed() })).toBe(factsText(facts));
});

test('another address, holder or default route is another text', () => {
  const [first, second] = facts.addresses;
  const others = [
    { ...facts, addresses: [first] },
    { ...facts, addresses: [first, { ...second, interface: 'eth0' }] },
    { ...facts, defaultRoutes: { ip: 'eth1', ip6: undefined } },
    { ...facts, defaultRoutes: { ip: undefined, ip6: 'eth0' } },
    { ...facts, defaultRoutes: { ip: 'eth0', ip6: 'eth0' } },
  ] as (typeof facts)[];
  expect(new Set([facts, ...others].map(factsText)).size).toBe(others.length + 1);
});

test('an address may be held by several interfaces, each named once', () => {
  const twice = [...facts.addresses, ...facts.addresses, { interface: 'eth7', address: '203.0.113.1' }];
  expect(holdersOf('203.0.113.1', twice)).toEqual(['eth1', 'eth7']);
  expect(holdersOf('192.0.2.1', twice)).toEqual([]);
});

test('loopback and link-local addresses are none that others can reach', () => {
  for (const { address } of interfaceAddresses()) expect(address).not.toMatch(/^(127\.|::1$|fe80:)/);
});

test('all default routes are found, whichever has the lowest metric', () => {
  const ip = `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask
eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000
eth1\t00000000\t0103A8C0\t0003\t0\t0\t200\t00000000
eth1\t0003A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF
`;
  expect(parseDefaultRoutes(ip)).toEqual([
    { interface: 'eth0', metric: 100 },
    { interface: 'eth1', metric: 200 },
  ]);
  const zeros = '0'.repeat(32);
  expect(
    parseDefaultRoutes6(
      `${zeros} 00 ${zeros} 00 fe80 00000400 1 0 0 eth0\n${zeros} 00 ${zeros} 00 ${zeros} ffffffff 1 0 0 lo\n`,
    ),
  ).toEqual([{ interface: 'eth0', metric: 1024 }]);
});

test('of the default routes of this host, one counts', () => {
  const all = defaultRouteInterfaces('ip');
  expect(all.includes(defaultRouteInterface('ip') ?? '')).toBe(all.length > 0);
});
