import type { Claim } from '../model/claim.ts';
import { claimOf } from '../model/element-claims.ts';
import { recordName } from '../model/guest.ts';
import { ClaimIndex } from '../planner/claim-index.ts';
import type { HeldClaim } from '../planner/conflicts.ts';
import { Overlaps } from '../planner/overlaps.ts';
import { readClaims } from '../state/claims.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { claimsBehind, type Neighbours } from './plan-change.ts';

/**
 * The other guests from the index of claims, so that an event need not read all records. The index may name stopped
 * guests, so each holder's record confirms the claim.
 */
export function indexedNeighbours(): Neighbours {
  return {
    recordOf: readRecord,
    heldNear: (elements, except) => {
      const claims = claimsBehind(elements);
      const indexed = readClaims(claims, except);
      if (indexed === undefined) return allRecords().heldNear(elements, except);
      if (indexed.length === 0) return [];
      const asked = overlapsOf(claims);
      const isHeld = heldByRecords();
      return indexed.filter((held) => asked.first(held.claim) !== undefined && isHeld(held));
    },
  };
}

function allRecords(): Neighbours {
  const records = readRecords().map((record) => [recordName(record.guest), record] as const);
  return readNeighbours(new Map(records), new Set());
}

/** Whether the record of a holder has a claim: each record is read once. */
function heldByRecords(): (held: HeldClaim) => boolean {
  const known = new Map<string, Overlaps<Claim>>();
  return ({ claim, holder }) => {
    const recorded =
      known.get(holder) ??
      overlapsOf((readRecord(holder)?.elements ?? []).flatMap((element) => claimOf(element) ?? []));
    known.set(holder, recorded);
    return recorded.first(claim) !== undefined;
  };
}

function overlapsOf(claims: readonly Claim[]): Overlaps<Claim> {
  const overlaps = new Overlaps<Claim>();
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
    if (!batch.has(recordName(record.guest))) index.add(recordName(record.guest), record.elements);
  return {
    recordOf: (name) => records.get(name),
    heldNear: (elements, except) => index.near(elements, except),
  };
}
