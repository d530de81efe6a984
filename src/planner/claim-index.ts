import type { AnyClaim } from '../model/claim.ts';
import type { Element } from '../model/element.ts';
import { claimsBehind, distinctClaims } from '../model/element-claims.ts';
import { neighbourhoods, neighbourhoodsToSearch } from '../model/neighbourhood.ts';
import type { HeldClaim } from './conflicts.ts';
import { Overlaps } from './overlaps.ts';

/** The claims of guests, for plans of many guests together. */
export class ClaimIndex {
  private readonly firm = new Overlaps<HeldClaim>();
  /** By neighbourhood. All are needed, not the first alone: a range in a file may displace several guests. */
  private readonly weak = new Map<string, HeldClaim[]>();

  /** @param weak see `HeldClaim` */
  add(holder: string, elements: readonly Element[], weak?: true): void {
    for (const claim of distinctClaims(elements)) {
      if (weak) this.addWeak({ claim, holder, weak });
      else this.firm.add(claim, { claim, holder }, holder);
    }
  }

  private addWeak(one: HeldClaim): void {
    for (const place of neighbourhoods(one.claim)) {
      const held = this.weak.get(place);
      if (held === undefined) this.weak.set(place, [one]);
      else held.push(one);
    }
  }

  /**
   * What contradicts the claims of these elements: for each claim the first that was added of those that are not weak, then
   * all that are weak.
   *
   * @param except a holder that does not count
   */
  near(elements: readonly Element[], except?: string): HeldClaim[] {
    if (this.firm.isEmpty && this.weak.size === 0) return [];
    const claims = elements.flatMap(claimsBehind);
    const firm = claims.flatMap((claim) => this.firm.first(claim, except) ?? []);
    return [...new Set([...firm, ...this.weakNear(claims, except)])];
  }

  private weakNear(claims: readonly AnyClaim[], except: string | undefined): HeldClaim[] {
    if (this.weak.size === 0) return [];
    const places = new Set(claims.flatMap((claim) => neighbourhoodsToSearch(claim, () => this.weak.keys())));
    const asked = Overlaps.of(claims);
    return [...places]
      .flatMap((place) => this.weak.get(place) ?? [])
      .filter(({ claim, holder }) => holder !== except && asked.first(claim) !== undefined);
  }
}
