import type { Finding } from '../model/finding.ts';
import type { Check, HostFinding } from './check.ts';

/** Public addresses of guests that are the host's own, too: who gets what while the guest does not run may surprise. */
export function judgeAbsence(remarks: readonly Finding[]): HostFinding[] {
  return remarks.map((remark) => ({ ...remark, fix: 'guestgate check   # after an edit of the file' }));
}

export const absentGuests: Check = ({ reading }) => judgeAbsence(reading.absent()?.remarks ?? []);
