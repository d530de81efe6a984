import type { GuestRun } from '../libvirt/interface-leases.ts';
import type { Lease } from '../libvirt/leases.ts';
import { type Guest, isSameGuest, recordName } from '../model/guest.ts';
import { type LeasesAtStart, readLeasesAtStart } from '../state/leases-at-start.ts';
import { knownAddresses, readRecord } from '../state/records.ts';

/**
 * The run of a guest that runs now. Without notes of its start (guestgate was installed later, or its state folder was
 * removed), each lease counts as one of this run: a guest that runs has asked for its lease. Files are read when needed.
 */
export function runOf(guest: Omit<Guest, 'nics'>): GuestRun {
  let noted: readonly LeasesAtStart[] | undefined;
  return {
    now: Date.now() / 1000,
    isEarlier: (lease) => {
      noted ??= readLeasesAtStart(guest);
      return noted.some(({ leases }) => leases.some((other) => isSameLease(other, lease)));
    },
    isKnownClient: ({ mac, client }) => {
      noted ??= readLeasesAtStart(guest);
      return noted.some(({ leases }) => leases.some((other) => other.mac === mac && other.client === client));
    },
    openAddresses: () => {
      const record = readRecord(recordName(guest));
      return record === undefined || !isSameGuest(record.guest, guest) ? [] : knownAddresses(record);
    },
  };
}

/** The run of a guest that has not started: each lease is of an earlier one. */
export function nextRun(): GuestRun {
  return { now: Date.now() / 1000, isEarlier: () => true, openAddresses: () => [] };
}

function isSameLease(a: Lease, b: Lease): boolean {
  return a.mac === b.mac && a.address === b.address && a.expires === b.expires;
}
