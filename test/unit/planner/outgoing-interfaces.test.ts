import { expect, test } from 'vitest';
import type { Fault } from '../../../src/model/finding.ts';
import { outgoingInterfaces } from '../../../src/planner/outgoing-interfaces.ts';

test.each([
  [['eth0', 'ppp0'], ['eth0', 'ppp0'], []],
  [
    [],
    [],
    ['no connection can leave as 203.0.113.9: no interface has it, and the host has no default route'],
  ],
  [['eth0', 'e"th'], ['eth0'], ['invalid interface name "e\\"th": a rule cannot contain it']],
])('interfaces %j: rules for %j', (interfaces, expected, told) => {
  const problems: Fault[] = [];
  expect(outgoingInterfaces('203.0.113.9', { interfacesOf: () => interfaces }, problems)).toEqual(expected);
  expect(problems.map(({ problem }) => problem)).toEqual(told);
  for (const { advice } of problems) expect(advice).toBeDefined();
});
