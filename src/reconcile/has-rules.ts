import type { GuestId } from '../model/guest.ts';
import { recordName } from '../model/guest.ts';
import { isPending } from '../state/journal.ts';
import { hasRecord, hasRecords } from '../state/record-files.ts';
import { isWaiting } from '../state/request-files.ts';

/** Whether a guest has a record, a waiting request or an unfinished transaction. */
export function hasGuestState(guest: GuestId): boolean {
  const name = recordName(guest);
  return hasRecord(guest) || isWaiting(name) || isPending(name);
}

/** Whether any guest has a record or a waiting request. */
export function hasAnyGuestState(): boolean {
  return hasRecords() || isWaiting();
}
