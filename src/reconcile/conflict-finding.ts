import type { AnyClaim } from '../model/claim.ts';
import { aboutGuest, type Finding } from '../model/finding.ts';
import type { GuestId } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { describeClaim } from '../planner/conflicts.ts';

/**
 * A refused claim, and the guest that holds it.
 *
 * @param holder the name of the record that holds the claim
 * @param guest the guest of that record, if it is known
 * @param why it has the claim
 */
export function conflict(
  asking: GuestId,
  claim: AnyClaim,
  holder: string,
  guest: GuestId | undefined,
  why = 'which came first',
): Finding {
  const owner = guest === undefined ? holder : `${guest.driver} guest ${quoted(guest.name)}`;
  return {
    kind: 'conflict',
    subject: aboutGuest(asking),
    problem: `${describeClaim(claim)} is taken by ${owner}, ${why}`,
    severity: 'something',
    advice: 'use another port or address',
  };
}
