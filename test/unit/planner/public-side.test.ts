import { expect, test } from 'vitest';
import { notingUplinks } from '../../../src/planner/noting-uplinks.ts';
import { plan } from '../../../src/planner/plan.ts';
import { publicSide } from '../../../src/planner/public-side.ts';

const nothing = { holding: [], heldLast: [], configured: undefined, defaultRoute: undefined };

test.each<[string, Partial<Parameters<typeof publicSide>[0]>, readonly string[]]>([
  [
    'the interface that holds it',
    { holding: ['ppp0'], configured: ['eth0'], defaultRoute: 'eth0' },
    ['ppp0'],
  ],
  ['each interface that holds it', { holding: ['eth0', 'eth1'] }, ['eth0', 'eth1']],
  ['the present holder, not the last one', { holding: ['eth1'], heldLast: ['eth0'] }, ['eth1']],
  [
    'the last holder while it is down: the other uplink must not send its packets',
    { heldLast: ['ppp0'], configured: ['eth0', 'ppp0'], defaultRoute: 'eth0' },
    ['ppp0'],
  ],
  [
    'the interfaces of [host], where a router sends it here',
    { configured: ['eth0', 'eth1'], defaultRoute: 'eth9' },
    ['eth0', 'eth1'],
  ],
  ['the default route otherwise', { defaultRoute: 'eth0' }, ['eth0']],
  ['none, if there is no default route either', {}, []],
])('connections leave through %s', (_, facts, expected) => {
  expect(publicSide({ ...nothing, ...facts })).toEqual(expected);
});

test('a plan notes only the addresses that guests leave with', () => {
  const { view, uplinks } = notingUplinks({
    addresses: 'any',
    interfacesOf: () => ['eth0'],
    addressesOn: () => [],
  });
  plan({ snat: ['203.0.113.9', '203.0.113.10'], forwards: [] }, ['192.168.122.41'], view);
  expect(uplinks).toEqual({ '203.0.113.9': ['eth0'] });
});
