import type { AddressClaim, AnyClaim, IdentityClaim } from '../model/claim.ts';
import { isIdentity, isPortClaim } from '../model/element-claims.ts';
import { familyOfHost, isAny } from '../model/host-address.ts';
import { type Entry, earlier, PortTree } from './port-tree.ts';

/**
 * Claims, and the first of them that contradicts a given one (see `contradict()`). The time for one claim does not depend on
 * how many there are: policies come from people who may ask for a lot.
 */
export class Overlaps<Value> {
  /** By protocol and address; those at one address also by protocol and family. */
  private readonly trees = new Map<string, PortTree<Value>>();
  /** Whole addresses, and identities: these contradict only the same. */
  private readonly wholes = new Map<string, Entry<Value>[]>();
  private order = 0;

  static of(claims: readonly AnyClaim[]): Overlaps<AnyClaim> {
    const overlaps = new Overlaps<AnyClaim>();
    for (const claim of claims) overlaps.add(claim, claim);
    return overlaps;
  }

  get isEmpty(): boolean {
    return this.order === 0;
  }

  /** @param owner whom it belongs to */
  add(claim: AnyClaim, value: Value, owner = ''): void {
    const entry = { value, owner, order: this.order++ };
    if (isIdentity(claim) || !isPortClaim(claim)) {
      const others = this.wholes.get(wholeOf(claim)) ?? [];
      if (others.length === 0) this.wholes.set(wholeOf(claim), [entry]);
      // One of each owner, of two owners: that is enough to find one of another owner.
      else if (others.length === 1 && others[0]?.owner !== owner) others.push(entry);
      return;
    }
    const places = isAny(claim.host) ? [claim.host] : [claim.host, familyOfHost(claim.host)];
    for (const place of places) {
      const key = `${claim.protocol} ${place}`;
      const tree = this.trees.get(key) ?? new PortTree();
      this.trees.set(key, tree);
      tree.add(claim.ports, entry);
    }
  }

  /** The value that was added first of those whose claims contradict this one. @param except an owner that does not count */
  first(claim: AnyClaim, except?: string): Value | undefined {
    if (isIdentity(claim) || !isPortClaim(claim))
      return this.wholes.get(wholeOf(claim))?.find(({ owner }) => owner !== except)?.value;
    const family = familyOfHost(claim.host);
    const any = family === 'ip6' ? 'any6' : 'any';
    const [one, other] = [isAny(claim.host) ? family : claim.host, any].map((place) =>
      this.trees.get(`${claim.protocol} ${place}`)?.find(claim.ports, except),
    );
    return earlier(one, other)?.value;
  }
}

function wholeOf(claim: IdentityClaim | AddressClaim): string {
  return isIdentity(claim) ? `identity ${claim.identity}` : `address ${claim.host}`;
}
