import type { AnyClaim } from '../model/claim.ts';
import { claimsOf } from '../model/element-claims.ts';
import { recordName } from '../model/guest.ts';
import { ClaimIndex } from '../planner/claim-index.ts';
import type { HeldClaim } from '../planner/conflicts.ts';
import { Overlaps } from '../planner/overlaps.ts';
import { readClaims } from '../state/claims.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { claimsBehindAll, type Neighbours } from './plan-change.ts';

/**
 * The other guests from the index of claims, so that an event need not read all records. The index may name stopped
 * guests, so each holder's record confirms the claim.
 */
export function indexedNeighbours(): Neighbours {
  return {
    recordOf: readRecord,
    heldNear: (elements, except) => {
      const claims = claimsBehindAll(elements);
      const indexed = readClaims(claims, except);
      if (indexed === undefined) return allRecords().heldNear(elements, except);
      if (indexed.length === 0) return [];
      const asked = overlapsOf(claims);
      const confirmed = confirmedByRecords();
      return indexed
        .filter((held) => asked.first(held.claim) !== undefined)
        .flatMap((held) => confirmed(held) ?? []);
    },
  };
}

function allRecords(): Neighbours {
  const records = readRecords().map((record) => [recordName(record.guest), record] as const);
  return readNeighbours(new Map(records), new Set());
}

/** A claim as the record of its holder has it: each record is read once. */
function confirmedByRecords(): (held: HeldClaim) => HeldClaim | undefined {
  const known = new Map<string, { readonly claims: Overlaps<AnyClaim>; readonly weak: boolean }>();
  return ({ claim, holder }) => {
    let recorded = known.get(holder);
    if (recorded === undefined) {
      const record = readRecord(holder);
      recorded = {
        claims: overlapsOf((record?.elements ?? []).flatMap(claimsOf)),
        weak: record?.weak === true,
      };
      known.set(holder, recorded);
    }
    if (recorded.claims.first(claim) === undefined) return undefined;
    return { claim, holder, ...(recorded.weak && { weak: true as const }) };
  };
}

function overlapsOf(claims: readonly AnyClaim[]): Overlaps<AnyClaim> {
  const overlaps = new Overlaps<AnyClaim>();
  for (const claim of claims) overlaps.add(claim, claim);
  return overlaps;
}

/** The other guests from records that were read already, for decisions about many guests. */
export function readNeighbours(
  records: ReadonlyMap<string, GuestRecord>,
  batch: ReadonlySet<string>,
): Neighbours {
  const index = new ClaimIndex();
  for (const record of records.values())
    if (!batch.has(recordName(record.guest)))
      index.add(recordName(record.guest), record.elements, record.weak);
  return {
    recordOf: (name) => records.get(name),
    heldNear: (elements, except) => index.near(elements, except),
  };
}
