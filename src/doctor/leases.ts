import { aboutGuest } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import { shellWord } from '../model/shell-word.ts';
import type { GuestRecord } from '../state/records.ts';
import type { Check, HostFinding } from './check.ts';

/** Whether a guest waits for a lease, and has no address before. */
export function isWaiting({ address, byLease }: Pick<GuestRecord, 'address' | 'byLease'>): boolean {
  return byLease === true && address === undefined;
}

/** A guest without an address has no forwards: guestgate adds them when DHCP gives it one. */
export function judgeLeases(
  records: readonly Pick<GuestRecord, 'guest' | 'address' | 'byLease' | 'problems'>[],
): HostFinding[] {
  return records.filter(isWaiting).map(({ guest }) => ({
    severity: 'something',
    subject: aboutGuest(guest),
    problem:
      'it has no DHCP lease yet, and so no address: guestgate adds its forwards when it gets a lease or a reservation',
    advice: 'choose the ADDRESS of a reservation',
    fix: reservation(guest),
  }));
}

function reservation({ name, nics }: Guest): string {
  const nic = nics.find(({ network }) => network !== undefined) ?? nics[0];
  const network = shellWord(nic?.network ?? 'default');
  const host = `<host mac="${nic?.mac ?? 'MAC'}" ip="ADDRESS"/>`;
  return `virsh net-update ${network} add ip-dhcp-host '${host}' --live --config && guestgate replay ${shellWord(name)}`;
}

export const leases: Check = ({ records }) => judgeLeases(records);
