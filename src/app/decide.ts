import { ClaimIndex } from '../planner/claim-index.ts';
import { withoutConflicts } from '../planner/conflicts.ts';
import { type Record, recordName } from '../system/records.ts';
import { type Desired, wishesOf } from './desired.ts';
import { takenBy } from './grant.ts';
import { recordOf } from './record-of.ts';

/**
 * The records of many guests at once: who held something before keeps it, the others come in the order of their
 * names.
 *
 * @param before the records there are, by name; those of guests that nothing is desired for stay as they are
 */
export function decide(desired: readonly Desired[], before: ReadonlyMap<string, Record>): Record[] {
  const wishes = desired.map((one) => {
    const name = recordName(one.guest);
    return { one, name, old: before.get(name) };
  });
  wishes.sort((a, b) => order(a.old?.since, b.old?.since) || order(a.name, b.name));
  const wished = new Set(wishes.map(({ name }) => name));
  const untouched = [...before].flatMap(([name, record]) => (wished.has(name) ? [] : [record]));
  const guests = new Map([
    ...wishes.map(({ name, one }) => [name, one.guest] as const),
    ...untouched.map((record) => [recordName(record.guest), record.guest] as const),
  ]);
  const index = new ClaimIndex();
  for (const record of untouched) index.add(recordName(record.guest), record.elements);
  const now = new Date().toISOString();
  const decided = wishes.map(({ one, name, old }): Record => {
    const wanted = wishesOf(one, old);
    const { granted, refused } = withoutConflicts(wanted, index.near(wanted));
    index.add(name, granted);
    const taken = refused.map(({ claim, holder }) => takenBy(claim, holder, guests.get(holder)));
    return recordOf(one, old, granted, taken, now);
  });
  return [...untouched, ...decided];
}

/** Earlier first; undefined last. */
function order(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  return a < b ? -1 : 1;
}
