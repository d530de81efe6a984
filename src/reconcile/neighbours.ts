import { claimsOf, distinctClaims } from '../model/element-claims.ts';
import { recordName } from '../model/guest.ts';
import { ClaimIndex } from '../planner/claim-index.ts';
import type { HeldClaim } from '../planner/conflicts.ts';
import { Overlaps } from '../planner/overlaps.ts';
import { readClaims } from '../state/claims.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { claimsBehindAll, type Neighbours } from './plan-change.ts';

/**
 * The other guests from the index of claims, so that an event need not read all records. The index may name stopped
 * guests, so each holder's record confirms the claim. Where the index is damaged, all records are read.
 */
export function indexedNeighbours(): Neighbours {
  return {
    recordOf: readRecord,
    heldNear: (elements, except) => {
      const claims = claimsBehindAll(elements);
      const held = readClaims(claims, except) ?? recordedClaims(except);
      if (held.length === 0) return [];
      const asked = Overlaps.of(claims);
      const confirm = confirmation();
      return held
        .filter(({ claim }) => asked.first(claim) !== undefined)
        .flatMap((one) => confirm(one) ?? []);
    },
  };
}

function recordedClaims(except: string): HeldClaim[] {
  return readRecords().flatMap(({ guest, elements }) => {
    const holder = recordName(guest);
    return holder === except ? [] : distinctClaims(elements).map((claim) => ({ claim, holder }));
  });
}

/** The claim if its holder's record has it, weak if the record is: each record is read once. */
function confirmation(): (held: HeldClaim) => HeldClaim | undefined {
  const known = new Map<string, Pick<HeldClaim, 'weak'> & { readonly recorded: Overlaps<unknown> }>();
  return ({ claim, holder }) => {
    let found = known.get(holder);
    if (found === undefined) {
      const record = readRecord(holder);
      const recorded = Overlaps.of((record?.elements ?? []).flatMap(claimsOf));
      found = { recorded, ...(record?.weak && { weak: true }) };
      known.set(holder, found);
    }
    const { recorded, ...strength } = found;
    return recorded.first(claim) === undefined ? undefined : { claim, holder, ...strength };
  };
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
