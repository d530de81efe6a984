import type { Element } from '../model/element.ts';
import { claimBehind, claimOf } from '../model/element-claims.ts';
import type { HeldClaim } from './conflicts.ts';
import { Overlaps } from './overlaps.ts';

/** The claims of guests, for plans of many guests together. */
export class ClaimIndex {
  private readonly held = new Overlaps<HeldClaim>();

  add(holder: string, elements: readonly Element[]): void {
    for (const element of elements) {
      const claim = claimOf(element);
      if (claim !== undefined) this.held.add(claim, { claim, holder }, holder);
    }
  }

  /** What contradicts the claims of these elements: for each claim, what was added first. @param except a holder that does not count */
  near(elements: readonly Element[], except?: string): HeldClaim[] {
    const found = elements.flatMap((element) => {
      const claim = claimBehind(element);
      return claim === undefined ? [] : (this.held.first(claim, except) ?? []);
    });
    return [...new Set(found)];
  }
}
