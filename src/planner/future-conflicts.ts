import type { AnyClaim } from '../model/claim.ts';
import type { Element } from '../model/element.ts';
import { isIdentity, isPortClaim } from '../model/element-claims.ts';
import { isAny } from '../model/host-address.ts';
import { ClaimIndex } from './claim-index.ts';
import { withoutConflicts } from './conflicts.ts';

/** Two guests of which only one can have a claim: the one that starts first. */
export interface FutureConflict {
  readonly first: string;
  readonly second: string;
  /** The claim of `second`. */
  readonly claim: AnyClaim;
}

/**
 * The conflicts that guests will have if all of them run. A port that two guests want for any address of both families is
 * one conflict.
 *
 * @param guests in the order of their names in the files, each with the elements that it would get
 */
export function findFutureConflicts(
  guests: Iterable<{ readonly name: string; readonly elements: readonly Element[] }>,
): FutureConflict[] {
  const index = new ClaimIndex();
  const found: FutureConflict[] = [];
  for (const { name, elements } of guests) {
    // Addresses of guests that do not run are not known.
    const held = index.near(elements).filter((one) => !isIdentity(one.claim));
    for (const { claim, holder } of withoutConflicts(elements, held).refused) {
      const conflict = { first: holder, second: name, claim };
      if (!found.some((other) => isSame(other, conflict))) found.push(conflict);
    }
    index.add(name, elements);
  }
  return found;
}

function isSame(a: FutureConflict, b: FutureConflict): boolean {
  return a.first === b.first && a.second === b.second && isSameClaim(a.claim, b.claim);
}

/** Whether two claims are the same, or differ only in the family of "any address". */
function isSameClaim(a: AnyClaim, b: AnyClaim): boolean {
  if (isIdentity(a) || isIdentity(b)) return isIdentity(a) && isIdentity(b) && a.identity === b.identity;
  if (!isPortClaim(a) || !isPortClaim(b)) return a.host === b.host && isPortClaim(a) === isPortClaim(b);
  const sameHost = a.host === b.host || (isAny(a.host) && isAny(b.host));
  const samePorts = a.ports.first === b.ports.first && a.ports.last === b.ports.last;
  return sameHost && samePorts && a.protocol === b.protocol;
}
