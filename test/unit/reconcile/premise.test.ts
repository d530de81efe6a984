import { expect, test } from 'vitest';
import { type Premise, premiseOf, stillHolds } from '../../../src/reconcile/premise.ts';

/* No hypervisor has a file of a guest of that name here: what depends on one is tested in test/lab/late-plans.test.ts. */

const guest = { driver: 'qemu', name: 'not-on-this-machine' } as const;
const made: Premise = { configuration: 'monday', record: 3 };
const host = () => 'eth0 203.0.113.1';

test.each<[string, Premise, string, number | undefined, boolean]>([
  ['nothing has changed', made, 'monday', 3, true],
  ['the configuration has', made, 'tuesday', 3, false],
  ['the record was written since', made, 'monday', 4, false],
  ['the record has gone', made, 'monday', undefined, false],
  ['there was no record, and is none', { ...made, record: 'none' }, 'monday', undefined, true],
  ['there was no record, and is one', { ...made, record: 'none' }, 'monday', 1, false],
  ['the plan did not depend on the record', { configuration: 'monday' }, 'monday', 9, true],
  ['the host has the same uplinks', { ...made, host: 'eth0 203.0.113.1' }, 'monday', 3, true],
  ['an address of the host moved', { ...made, host: 'eth1 203.0.113.1' }, 'monday', 3, false],
  ['the file of the running guest has gone', { ...made, live: 'stamp' }, 'monday', 3, false],
])('%s', (_, premise, configuration, generation, expected) => {
  const before = generation === undefined ? undefined : { generation };
  expect(stillHolds(premise, guest, { configuration: () => configuration, before, host })).toBe(expected);
});

test.each([
  [undefined, 'none'],
  [{ generation: 0 }, 0],
  [{ generation: 12 }, 12],
] as const)('a plan made beside record %j depends on it', (before, record) => {
  const premise = premiseOf(guest, 'monday', before);
  expect(premise).toEqual({ configuration: 'monday', record });
  expect(stillHolds(premise, guest, { configuration: () => 'monday', before, host })).toBe(true);
});
