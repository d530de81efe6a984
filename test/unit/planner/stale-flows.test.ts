import { expect, test } from 'vitest';
import type { Element } from '../../../src/model/element.ts';
import { canHaveStaleFlows } from '../../../src/planner/stale-flows.ts';
import { forwardOf } from '../records.ts';

test.each<[string, Element, boolean]>([
  ['a refused tcp client connects again from another port', forwardOf(80), false],
  ['a udp client keeps its port', forwardOf(53, { protocol: 'udp' }), true],
  ['so does one of sctp', forwardOf(80, { protocol: 'sctp' }), true],
  [
    'a whole address has udp, too',
    { kind: 'one-to-one', host: '203.0.113.9', guest: '192.168.122.41' },
    true,
  ],
  [
    'connections of the guest keep their source',
    { kind: 'source-nat', guest: '192.168.122.41', interface: 'eth0', address: '203.0.113.9' },
    true,
  ],
  ['a filter translates nothing', { kind: 'source-filter', claim: { host: '203.0.113.9' }, from: [] }, false],
])('%s', (_, element, expected) => {
  expect(canHaveStaleFlows(element)).toBe(expected);
});
