import { expect, test } from 'vitest';
import { factsText, holdersOf, interfaceAddresses } from '../../../src/system/uplinks.ts';

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
