import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { restrictions } from '../planner/plan.ts';
import { recordName } from '../system/records.ts';
import type { Desired } from './desired.ts';
import { grant } from './grant.ts';
import { isKnown } from './known.ts';
import { submit } from './submit.ts';
import type { Converged } from './wish.ts';

/**
 * Gives a guest what it should have.
 *
 * @param mark the bit of `ct mark`; undefined: as before, the configuration does not tell
 * @param stage `guard`: only what restricts, before the guest runs; `open`: all of it
 * @throws CommandError, UserError if nothing could be changed: record and kernel are as before then
 */
export function openGuest(desired: Desired, mark: number | undefined, stage: 'guard' | 'open'): Converged {
  const silent = desired.silent && desired.problems.length === 0;
  const idle = silent || (stage === 'guard' && restrictions(desired.elements).length === 0);
  if (idle && !isKnown(desired.guest)) return { elements: [], problems: desired.problems };
  if (silent) {
    closeGuest(desired.guest);
    return { elements: [], problems: [] };
  }
  return submit({ kind: 'open', desired, stage, ...(mark !== undefined && { mark }) });
}

/**
 * Removes all that the guest's record holds, and the record. What its configuration or XML say by now does
 * not matter.
 *
 * @returns what there was
 */
export function closeGuest(guest: GuestId): readonly Element[] {
  return isKnown(guest) ? submit({ kind: 'close', guest }).elements : [];
}

/** What of a guest's wishes others hold already. Looks only. */
export function conflictsOf(desired: Desired): readonly string[] {
  return grant(desired.elements, recordName(desired.guest)).problems;
}
