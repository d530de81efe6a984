import { expect, test } from 'vitest';
import type { GuestPolicy } from '../../../src/model/policy.ts';
import { findFutureConflicts } from '../../../src/planner/future-conflicts.ts';
import { plan } from '../../../src/planner/plan.ts';

/** As long as guests do not run, they all have the same. */
const addresses = ['192.0.2.1', '2001:db8::1'];

/** A guest with a forward of this port at these addresses of the host. */
function guest(name: string, port: number, ...hosts: string[]) {
  const ports = { first: port, last: port };
  const policy: GuestPolicy = {
    forwards: hosts.map((host) => ({ host, protocol: 'tcp', ports, to: 80, text: `${host} ${port}` })),
  };
  const host = { addresses: 'any', interfacesOf: () => ['eth0'], addressesOn: () => [] } as const;
  return { name, elements: plan(policy, addresses, host).elements };
}

test('a port for any address is one conflict, though it is claimed in both families', () => {
  const found = findFutureConflicts([guest('a', 80, 'any'), guest('b', 80, 'any'), guest('c', 81, 'any')]);
  expect(found).toEqual([
    {
      first: 'a',
      second: 'b',
      claim: { host: 'any', protocol: 'tcp', ports: { first: 80, last: 80 } },
    },
  ]);
});

test('a conflict in IPv6 alone is found, and each address is a conflict of its own', () => {
  expect(findFutureConflicts([guest('a', 80, '::'), guest('b', 80, 'any')])).toMatchObject([
    { claim: { host: 'any6' } },
  ]);
  expect(
    findFutureConflicts([guest('a', 80, 'any'), guest('b', 80, '203.0.113.1', '203.0.113.2')]),
  ).toMatchObject([{ claim: { host: '203.0.113.1' } }, { claim: { host: '203.0.113.2' } }]);
});

test('three guests that want one port: the later two wait for the first', () => {
  const found = findFutureConflicts([guest('a', 80, 'any'), guest('b', 80, 'any'), guest('c', 80, 'any')]);
  expect(found.map(({ first, second }) => [first, second])).toEqual([
    ['a', 'b'],
    ['a', 'c'],
  ]);
});
