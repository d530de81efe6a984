import type { GuestRecord } from './records.ts';

/** How often elements are tried that the back end's program took too long for: the host may have been busy. */
export const tries = 3;

/** Whether the elements that a guest could not get are tried again only if a person asks. */
export function isExhausted(record: Pick<GuestRecord, 'failed'> | undefined): boolean {
  return (record?.failed?.times ?? 0) >= tries;
}
