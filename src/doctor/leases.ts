import type { Guest } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import type { GuestRecord } from '../state/records.ts';
import type { Check, Finding } from './finding.ts';
import { shellWord } from './guests-of.ts';

/** A guest without an address has nothing open: guestgate adds its forwards when DHCP gives it one. */
export function judgeLeases(
  records: readonly Pick<GuestRecord, 'guest' | 'address' | 'byLease' | 'problems'>[],
): Finding[] {
  return records
    .filter(({ address, byLease }) => byLease === true && address === undefined)
    .map(({ guest }) => ({
      severity: 'something',
      what: `guest ${quoted(guest.name)} has no DHCP lease yet, and so no address: guestgate adds its forwards when it gets one, or with a reservation (ADDRESS is yours to choose)`,
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
