import { claimOf } from '../model/element.ts';
import { recordName } from '../model/guest.ts';
import { ClaimIndex } from '../planner/claim-index.ts';
import { contradict, type HeldClaim } from '../planner/conflicts.ts';
import { readClaims } from '../state/claims.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { claimsBehind, type Neighbours } from './plan-change.ts';

/**
 * The other guests as the index of claims knows them: an event need not read all records. The index may name guests that
 * have stopped, so the holders' records are asked.
 */
export function indexedNeighbours(): Neighbours {
  return {
    recordOf: readRecord,
    heldNear: (elements, except) => {
      const claims = claimsBehind(elements);
      const indexed = readClaims(claims, except);
      if (indexed === undefined) return allRecords().heldNear(elements, except);
      return indexed.filter((one) => claims.some((claim) => contradict(claim, one.claim)) && isHeld(one));
    },
  };
}

function allRecords(): Neighbours {
  const records = readRecords().map((record) => [recordName(record.guest), record] as const);
  return readNeighbours(new Map(records), new Set());
}

function isHeld({ claim, holder }: HeldClaim): boolean {
  return (readRecord(holder)?.elements ?? []).some((element) => {
    const own = claimOf(element);
    return own !== undefined && contradict(own, claim);
  });
}

/** The same from records that were read already: for decisions about very many guests. */
export function readNeighbours(
  records: ReadonlyMap<string, GuestRecord>,
  batch: ReadonlySet<string>,
): Neighbours {
  const index = new ClaimIndex();
  for (const record of records.values())
    if (!batch.has(recordName(record.guest))) index.add(recordName(record.guest), record.elements);
  return {
    recordOf: (name) => records.get(name),
    heldNear: (elements, except) => index.near(elements).filter(({ holder }) => holder !== except),
  };
}
