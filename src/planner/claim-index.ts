import type { Element } from '../model/element.ts';
import { claimsBehind, distinctClaims } from '../model/element-claims.ts';
import type { HeldClaim } from './conflicts.ts';
import { Overlaps } from './overlaps.ts';

/** The claims of guests, for plans of many guests together. */
export class ClaimIndex {
  private readonly held = new Overlaps<HeldClaim>();
  private readonly weak = new Overlaps<HeldClaim>();

  /** @param weak see `HeldClaim` */
  add(holder: string, elements: readonly Element[], weak?: true): void {
    const held = weak ? this.weak : this.held;
    for (const claim of distinctClaims(elements))
      held.add(claim, { claim, holder, ...(weak && { weak }) }, holder);
  }

  /**
   * What contradicts the claims of these elements: for each claim, what was added first, of policies in files and of metadata.
   *
   * @param except a holder that does not count
   */
  near(elements: readonly Element[], except?: string): HeldClaim[] {
    const found = elements.flatMap((element) =>
      claimsBehind(element).flatMap((claim) =>
        [this.held, this.weak].flatMap((held) => held.first(claim, except) ?? []),
      ),
    );
    return [...new Set(found)];
  }
}
