import { aboutGuest, failure } from '../model/finding.ts';
import { replaceClaims } from '../state/claims.ts';
import { type GuestRecord, writeRecord } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import type { GuestChange } from './change.ts';
import { withRemedy } from './set-aside.ts';
import { claimsOf } from './transaction-files.ts';

/**
 * Writes the old elements and the reason into the record: the kernel is unchanged, or its state is unknown.
 *
 * @param failed what the record keeps of the elements, if the guest is at fault
 */
export function rollBack(
  { name, before, after }: GuestChange,
  error: unknown,
  failed: GuestRecord['failed'],
): void {
  const problem = withRemedy(failure(aboutGuest(after.guest), error, 'refused'), failed, after.guest.name);
  const record = { ...after, elements: before?.elements ?? [], problems: [...after.problems, problem] };
  bestEffort('recording the refusal', () =>
    writeRecord({ ...record, ...(failed !== undefined && { failed }) }),
  );
  bestEffort('restoring the claims', () =>
    replaceClaims(name, [...claimsOf(before), ...claimsOf(after)], claimsOf(before)),
  );
}
