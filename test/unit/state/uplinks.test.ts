import { expect, test } from 'vitest';
import { withAddresses, withPresentHolders } from '../../../src/state/uplinks.ts';
import { factsText, type HostFacts } from '../../../src/system/uplinks.ts';

const routes = { ip: 'eth0', ip6: undefined };
const host: HostFacts = {
  addresses: [
    { interface: 'eth0', address: '198.51.100.1' },
    { interface: 'ppp0', address: '203.0.113.9' },
  ],
  defaultRoutes: routes,
};
const withoutPpp: HostFacts = { ...host, addresses: host.addresses.slice(0, 1) };

test('the order in which the kernel lists addresses does not matter, a default route does', () => {
  const turned = { ...host, addresses: host.addresses.toReversed() };
  expect(factsText(turned)).toBe(factsText(host));
  expect(factsText({ ...host, defaultRoutes: { ip: 'ppp0', ip6: undefined } })).not.toBe(factsText(host));
  expect(factsText(withoutPpp)).not.toBe(factsText(host));
});

test('addresses that are noted later leave the facts as they are: a change in between must not be missed', () => {
  const first = withAddresses(undefined, ['203.0.113.9'], withoutPpp);
  expect(first).toEqual({ facts: factsText(withoutPpp), holders: { '203.0.113.9': [] } });
  expect(withAddresses(first, ['203.0.113.9', '198.51.100.1'], host)).toEqual({
    facts: factsText(withoutPpp),
    holders: { '203.0.113.9': [], '198.51.100.1': ['eth0'] },
  });
});

test('an address that goes away stays with the interface that held it, until another one holds it', () => {
  const before = withAddresses(undefined, ['203.0.113.9'], host);
  expect(withPresentHolders(before, withoutPpp).holders).toEqual({ '203.0.113.9': ['ppp0'] });
  const moved = { ...host, addresses: [{ interface: 'eth1', address: '203.0.113.9' }] };
  expect(withPresentHolders(before, moved).holders).toEqual({ '203.0.113.9': ['eth1'] });
});
