import { claimsOf } from '../model/element-claims.ts';
import { recordName } from '../model/guest.ts';
import { ClaimIndex } from '../planner/claim-index.ts';
import { contradict, type HeldClaim } from '../planner/conflicts.ts';
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
      return indexed
        .filter((held) => claims.some((claim) => contradict(claim, held.claim)))
        .flatMap((held) => confirmed(held) ?? []);
    },
  };
}

function allRecords(): Neighbours {
  const records = readRecords().map((record) => [recordName(record.guest), record] as const);
  return readNeighbours(new Map(records), new Set());
}

function confirmed({ claim, holder }: HeldClaim): HeldClaim | undefined {
  const record = readRecord(holder);
  const isHeld = (record?.elements ?? []).some((element) =>
    claimsOf(element).some((recorded) => contradict(recorded, claim)),
  );
  return isHeld ? { claim, holder, ...(record?.weak && { weak: true }) } : undefined;
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
    heldNear: (elements, except) => index.near(elements).filter(({ holder }) => holder !== except),
  };
}
