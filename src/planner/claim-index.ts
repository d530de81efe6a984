import type { Element } from '../model/element.ts';
import { claimsBehind, distinctClaims } from '../model/element-claims.ts';
import { neighbourhoods, neighbourhoodsToSearch } from '../model/neighbourhood.ts';
import type { HeldClaim } from './conflicts.ts';

/** The claims of guests, for plans of many guests together. */
export class ClaimIndex {
  private readonly byPlace = new Map<string, HeldClaim[]>();

  /** @param weak see `HeldClaim` */
  add(holder: string, elements: readonly Element[], weak?: true): void {
    for (const claim of distinctClaims(elements)) this.hold({ claim, holder, ...(weak && { weak }) });
  }

  private hold(one: HeldClaim): void {
    for (const place of neighbourhoods(one.claim)) {
      const held = this.byPlace.get(place);
      if (held === undefined) this.byPlace.set(place, [one]);
      else held.push(one);
    }
  }

  /** What is held in the neighbourhood of what these elements claim. */
  near(elements: readonly Element[]): HeldClaim[] {
    const places = new Set(
      elements.flatMap((element) =>
        claimsBehind(element).flatMap((claim) => neighbourhoodsToSearch(claim, () => this.byPlace.keys())),
      ),
    );
    return [...places].flatMap((place) => this.byPlace.get(place) ?? []);
  }
}
