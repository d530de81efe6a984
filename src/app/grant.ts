import { type Claim, claimBehind, claimOf, type Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { contradict, describeClaim, type HeldClaim, withoutConflicts } from '../planner/conflicts.ts';
import { readClaims } from '../system/claims.ts';
import { readRecord } from '../system/records.ts';

export interface Granted {
  readonly granted: readonly Element[];
  /** What others hold, and who. */
  readonly problems: readonly string[];
}

/**
 * Leaves out what other guests hold: they came first. The index may name some that have stopped, so the
 * holders' records are asked.
 *
 * @param name the record name of the guest that wants it
 */
export function grant(wanted: readonly Element[], name: string): Granted {
  const claims = wanted.flatMap((element) => claimBehind(element) ?? []);
  const held = readClaims(claims, name).filter(
    (one) => claims.some((claim) => contradict(claim, one.claim)) && isHeld(one),
  );
  const { granted, refused } = withoutConflicts(wanted, held);
  return {
    granted,
    problems: refused.map(({ claim, holder }) => takenBy(claim, holder, readRecord(holder)?.guest)),
  };
}

function isHeld({ claim, holder }: HeldClaim): boolean {
  return (readRecord(holder)?.elements ?? []).some((element) => {
    const own = claimOf(element);
    return own !== undefined && contradict(own, claim);
  });
}

/** Says who holds what was asked for. */
export function takenBy(claim: Claim, holder: string, guest: GuestId | undefined): string {
  const owner = guest === undefined ? holder : `${guest.driver} guest ${quoted(guest.name)}`;
  return `${describeClaim(claim)} is taken by ${owner}, which came first: use another port or address`;
}
