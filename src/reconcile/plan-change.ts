import { desiredElements } from '../desired/compute-desired-state.ts';
import type { DesiredState } from '../desired/desired-state.ts';
import type { Claim } from '../model/claim.ts';
import { elementsWithout } from '../model/difference.ts';
import { type Element, elementKey } from '../model/element.ts';
import { claimBehind, claimOf } from '../model/element-claims.ts';
import { aboutGuest, type Finding } from '../model/finding.ts';
import type { GuestId } from '../model/guest.ts';
import { recordName } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { ClaimIndex } from '../planner/claim-index.ts';
import { describeClaim, type HeldClaim, withoutConflicts } from '../planner/conflicts.ts';
import { restrictions } from '../planner/plan.ts';
import type { GuestRecord } from '../state/records.ts';
import type { GuestChange } from './change.ts';
import type { ApplyRequest, RemoveRequest } from './request.ts';

/** The other guests of the host. */
export interface Neighbours {
  readonly recordOf: (name: string) => GuestRecord | undefined;
  /** The claims of other guests that may conflict with these elements. */
  readonly heldNear: (elements: readonly Element[], except: string) => readonly HeldClaim[];
}

/** A request and its guest's record. */
export interface PlannedRequest {
  readonly request: ApplyRequest | RemoveRequest;
  readonly name: string;
  readonly before: GuestRecord | undefined;
}

/**
 * Computes the new records of all requested guests together. A guest keeps the claims that it holds and still wants; a
 * claim that one guest gives up is free for another in the same transaction; if two guests want the same claim, the
 * earlier request gets it. Pure.
 *
 * @param requests at most one per guest
 * @param now an ISO 8601 time, for the records of new guests
 */
export function planChanges(
  requests: readonly PlannedRequest[],
  others: Neighbours,
  now: string,
): GuestChange[] {
  const batch = new Map(requests.map((planned) => [planned.name, planned]));
  const index = new ClaimIndex();
  const wanted = requests.map(({ request, before }) =>
    request.kind === 'apply' ? wantedOf(request, before) : [],
  );
  const kept = requests.map(({ before }, at) => inBoth(before?.elements ?? [], wanted[at] ?? []));
  for (const [at, { name }] of requests.entries()) index.add(name, kept[at] ?? []);
  const guestOf = (holder: string) =>
    batch.has(holder) ? guestOfRequest(batch.get(holder)?.request) : others.recordOf(holder)?.guest;
  return requests.flatMap((planned, at): GuestChange[] => {
    const { request, name, before } = planned;
    if (request.kind === 'remove') return before === undefined ? [] : [removal(name, before)];
    const wants = wanted[at] ?? [];
    const held = [
      ...index.near(wants, name),
      ...others.heldNear(wants, name).filter(({ holder }) => !batch.has(holder)),
    ];
    const { accepted, refused } = withoutConflicts(wants, held);
    index.add(name, elementsWithout(accepted, kept[at] ?? []));
    const problems = refused.map(({ claim, holder }) =>
      conflict(request.desired.guest, claim, holder, guestOf(holder)),
    );
    return addition(planned, request, recordOf(request.desired, before, accepted, problems, now));
  });
}

function wantedOf({ desired, stage }: ApplyRequest, before: GuestRecord | undefined): readonly Element[] {
  const all = desiredElements(desired, before);
  return stage === 'restrict' ? restrictions(all) : all;
}

function removal(name: string, before: GuestRecord): GuestChange {
  const after = { ...before, elements: [] };
  const doing = `removing rules of guest ${quoted(before.guest.name)}`;
  return { name, before, after, adds: false, removes: true, doing };
}

function addition(
  { name, before }: PlannedRequest,
  { stage }: ApplyRequest,
  after: GuestRecord,
): GuestChange[] {
  const adds = stage === 'all' && after.elements.length > 0;
  // No rules and no problems: the guest needs no record.
  if (before === undefined && after.elements.length + after.problems.length === 0) return [];
  const doing = `adding rules for guest ${quoted(after.guest.name)}`;
  return [{ name, before, after, adds, removes: false, doing }];
}

/**
 * A guest's record after the transaction.
 *
 * @param before its start time, and the ports and bridges that guestgate switched, stay
 * @param elements the accepted elements
 * @param problems why other elements were refused
 */
function recordOf(
  desired: DesiredState,
  before: GuestRecord | undefined,
  elements: readonly Element[],
  problems: readonly Finding[],
  now: string,
): GuestRecord {
  const {
    address,
    addressSource = '',
    addressMac,
    otherAddress,
    interfaceAddresses,
    givenAddresses,
    byLease,
    outdatedFile,
    uplinks = desired.certain ? undefined : before?.uplinks,
    uplinkAddresses = desired.certain ? undefined : before?.uplinkAddresses,
  } = desired;
  const since = before?.since;
  return {
    guest: desired.guest,
    ...(address !== undefined && { address, addressSource }),
    ...(addressMac !== undefined && { addressMac }),
    ...(otherAddress !== undefined && { otherAddress }),
    ...(interfaceAddresses !== undefined && { interfaceAddresses }),
    ...(givenAddresses !== undefined && { givenAddresses }),
    ...(byLease !== undefined && { byLease }),
    ...(outdatedFile !== undefined && { outdatedFile }),
    ...(uplinks !== undefined && { uplinks }),
    ...(uplinkAddresses !== undefined && { uplinkAddresses }),
    elements,
    generation: before?.generation ?? 0,
    problems: [...desired.problems, ...problems],
    hairpinPorts: before?.hairpinPorts ?? [],
    ...(before?.loopbackBridges && { loopbackBridges: before.loopbackBridges }),
    since: since === undefined || since === '' ? now : since,
  };
}

/** The claims of a guest's desired elements that other guests hold already. */
export function findConflicts(desired: DesiredState, others: Neighbours): readonly Finding[] {
  const name = recordName(desired.guest);
  const { refused } = withoutConflicts(desired.elements, others.heldNear(desired.elements, name));
  return refused.map(({ claim, holder }) =>
    conflict(desired.guest, claim, holder, others.recordOf(holder)?.guest),
  );
}

/**
 * A refused claim, and the guest that holds it.
 *
 * @param holder the name of the record that holds the claim
 * @param guest the guest of that record, if it is known
 */
function conflict(asking: GuestId, claim: Claim, holder: string, guest: GuestId | undefined): Finding {
  const owner = guest === undefined ? holder : `${guest.driver} guest ${quoted(guest.name)}`;
  return {
    kind: 'conflict',
    subject: aboutGuest(asking),
    problem: `${describeClaim(claim)} is taken by ${owner}, which came first`,
    severity: 'something',
    advice: 'use another port or address',
  };
}

function guestOfRequest(request: ApplyRequest | RemoveRequest | undefined): GuestId | undefined {
  return request?.kind === 'apply' ? request.desired.guest : request?.guest;
}

function inBoth(recorded: readonly Element[], wanted: readonly Element[]): readonly Element[] {
  const claiming = recorded.filter((element) => claimOf(element) !== undefined);
  if (claiming.length === 0) return [];
  const keys = new Set(wanted.map(elementKey));
  return claiming.filter((element) => keys.has(elementKey(element)));
}

/** The claims of elements, which no other guest may hold. */
export function claimsBehind(elements: readonly Element[]): Claim[] {
  return elements.flatMap((element) => claimBehind(element) ?? []);
}
