import { type Claim, claimsOf, conflict } from './claims.ts';
import type { RunningGuest } from './expected.ts';

/* Who may have what: where the documents leave open who of several wins, each of them is right. */

export interface Holding {
  readonly guests: readonly RunningGuest[];
  readonly granted: readonly Claim[];
  /** What guests had before, and wanted all the time: the first claim wins. */
  readonly kept: readonly Claim[];
}

export function judgeClaims({ guests, granted, kept }: Holding): string[] {
  const of = (claim: Claim) => `${claim.guest}: ${claim.key}`;
  const wanted = guests.flatMap(({ name, policy }) => claimsOf(name, policy));
  const has = (claim: Claim) => granted.some(({ guest, key }) => guest === claim.guest && key === claim.key);
  const inTheWay = (claim: Claim) =>
    granted.find((other) => other.guest !== claim.guest && conflict(other, claim));
  return [
    ...granted.flatMap((claim) => {
      const other = inTheWay(claim);
      return other === undefined ? [] : [`${of(claim)} is granted, and ${of(other)}, too`];
    }),
    ...wanted
      .filter((claim) => !has(claim) && inTheWay(claim) === undefined)
      .map((claim) => `${of(claim)} is not granted, and no other guest has it`),
    ...kept
      .filter((claim) => !has(claim))
      .map((claim) => `${of(claim)} was granted first, and is taken away`),
  ];
}

/** A claim by its guest, as text that can be compared. */
export const nameOf = ({ guest, key }: Claim) => `${guest} ${key}`;
