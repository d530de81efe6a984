import { join } from 'node:path';
import { desiredElements } from '../desired/desired-elements.ts';
import type { DesiredState } from '../desired/desired-state.ts';
import { localGuestFile } from '../libvirt/live-stamp.ts';
import { counted } from '../model/counted.ts';
import { elementKey } from '../model/element.ts';
import { aboutGuest, type Finding, type FindingKind, findingsOf, ruleFault } from '../model/finding.ts';
import { paths } from '../model/paths.ts';
import type { GuestRecord } from '../state/records.ts';

/** Kinds that the plan that was made just now has again, if they still hold. */
const ofThePlan: readonly FindingKind[] = ['several-leases', 'no-address'];

/** A running guest: what is wrong with its policy, what kept it from being applied, and which rules its record lacks or has too many. Pure. */
export function guestDifferences(desired: DesiredState, record: GuestRecord | undefined): Finding[] {
  const unapplied = (record?.problems ?? []).filter(
    ({ kind }) => kind !== undefined && !ofThePlan.includes(kind),
  );
  const found = [...desired.problems, ...unapplied];
  if (!desired.certain) return found;
  const recorded = new Set(record?.elements.map(elementKey));
  const wanted = new Set(desiredElements(desired, record).map(elementKey));
  const missing = [...wanted].filter((key) => !recorded.has(key)).length;
  const stale = [...recorded].filter((key) => !wanted.has(key)).length;
  // The reason why rules were not applied explains those that are missing.
  const isExplained = unapplied.length > 0;
  const counts = [
    ...(missing > 0 && !isExplained
      ? [`${missing} of ${counted(wanted.size, 'rule')} ${missing === 1 ? 'is' : 'are'} missing`]
      : []),
    ...(stale > 0 ? [counted(stale, 'stale rule')] : []),
  ];
  const faults = counts.map((problem) => ruleFault(problem));
  return [...found, ...findingsOf(aboutGuest(desired.guest), faults)];
}

/** A guest that has a record, and that may run or not, which nothing on this host shows: a replay leaves it as it is. */
export function unseenGuest({ guest }: Pick<GuestRecord, 'guest'>): Finding {
  if (guest.driver === 'local')
    return {
      subject: aboutGuest(guest),
      problem: `has rules, and whether it runs is not known: ${localGuestFile(guest)} cannot be read`,
      severity: 'later',
      advice: 'report it again: guestgate guest up or down, or guestgate netns add or del',
    };
  return {
    subject: aboutGuest(guest),
    problem: `has rules, and whether it runs is not known: there is no ${join(paths.libvirtRun, guest.driver)}`,
    severity: 'later',
    advice: 'restart libvirtd (or virtqemud), which writes the status files of running guests there',
  };
}

/** A guest that has a record and does not run. */
export function staleGuest({ guest }: Pick<GuestRecord, 'guest'>): Finding {
  return { subject: aboutGuest(guest), ...ruleFault('is not running but still has rules') };
}
