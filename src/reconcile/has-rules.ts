import type { GuestId } from '../model/guest.ts';
import { recordName } from '../model/guest.ts';
import { readHostState } from '../state/host-state.ts';
import { isPending } from '../state/journal.ts';
import { hasRecord, hasRecords } from '../state/records.ts';
import { isWaiting } from '../state/request-files.ts';

/** Whether a guest has a record, a request waits for it, or a transaction that concerned it did not come to its end. */
export function hasGuestState(guest: GuestId): boolean {
  const name = recordName(guest);
  return hasRecord(guest) || isWaiting(name) || isPending(name);
}

/** Whether anything is open, or will be. */
export function hasAnyGuestState(): boolean {
  return hasRecords() || isWaiting();
}

/** Whether a network has what the configuration wants of it: that does not wait for a guest. */
export function hasNetworkState(): boolean {
  const networks = Object.values(readHostState().networks);
  return networks.some((elements) => elements.some(({ kind }) => kind === 'network-nat'));
}
