import { desiredElements } from '../desired/desired-elements.ts';
import type { DesiredState } from '../desired/desired-state.ts';
import type { AnyClaim } from '../model/claim.ts';
import type { Element } from '../model/element.ts';
import { claimsBehind } from '../model/element-claims.ts';
import type { Finding } from '../model/finding.ts';
import type { GuestId } from '../model/guest.ts';
import { isSameGuest, recordName } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { type HeldClaim, withoutConflicts } from '../planner/conflicts.ts';
import { restrictions } from '../planner/plan.ts';
import type { GuestRecord } from '../state/records.ts';
import type { GuestChange } from './change.ts';
import { conflict } from './conflict-finding.ts';
import type { ApplyRequest, RemoveRequest } from './request.ts';
import { displaced, type Resolved, resolveClaims } from './resolve-claims.ts';

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
 * earlier request gets it. Policies in files come before those in metadata, also of guests without a request. Pure.
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
  const asking = requests.flatMap(({ request, name, before }) =>
    request.kind === 'apply'
      ? [
          {
            name,
            before: ownRecord(before, request.desired)?.elements ?? [],
            wanted: wantedOf(request, before),
            weak: request.desired.weak,
          },
        ]
      : [],
  );
  const asked = new Map<readonly Element[], readonly HeldClaim[]>();
  const heldBy = (elements: readonly Element[], except: string) => {
    const held =
      asked.get(elements) ?? others.heldNear(elements, except).filter(({ holder }) => !batch.has(holder));
    asked.set(elements, held);
    return held;
  };
  const resolved = resolveClaims(asking, heldBy);
  const guestOf = (holder: string) =>
    batch.has(holder) ? guestOfRequest(batch.get(holder)?.request) : others.recordOf(holder)?.guest;
  const planned = requests.flatMap((one): GuestChange[] => {
    const { request, name, before } = one;
    if (request.kind === 'remove') return before === undefined ? [] : [removal(name, before)];
    const { accepted, refused } = resolved.get(name) ?? { accepted: [], refused: [] };
    const problems = refused.map(({ claim, holder }) =>
      conflict(request.desired.guest, claim, holder, guestOf(holder)),
    );
    return addition(one, request, recordOf(request.desired, before, accepted, problems, now));
  });
  const strong = asking.filter(({ weak }) => weak === undefined);
  const taken = new Map(strong.map(({ name }) => [name, resolved.get(name)?.accepted ?? []]));
  const lost = displaced(taken, heldBy, (holder) => others.recordOf(holder)?.elements ?? []);
  return [...displacements(lost, others, guestOf), ...planned];
}

/** Guests whose metadata gives way to a file in the same transaction. */
function displacements(
  lost: ReadonlyMap<string, Resolved>,
  others: Neighbours,
  guestOf: (holder: string) => GuestId | undefined,
): GuestChange[] {
  return [...lost].flatMap(([name, { accepted, refused }]): GuestChange[] => {
    const before = others.recordOf(name);
    if (before === undefined) return [];
    const problems = refused.map(({ claim, holder }) =>
      conflict(before.guest, claim, holder, guestOf(holder), 'whose policy is in a file'),
    );
    const after = { ...before, elements: accepted, problems: [...before.problems, ...problems] };
    const doing = `removing rules of guest ${quoted(before.guest.name)}, which a file gives to another`;
    return [{ name, before, after, adds: false, removes: false, doing }];
  });
}

/** What a guest had; undefined if the record is of another guest, which had its name before. */
function ownRecord(before: GuestRecord | undefined, { guest }: DesiredState): GuestRecord | undefined {
  return before !== undefined && isSameGuest(before.guest, guest) ? before : undefined;
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
  // No rules, no problems, and nothing of the host or of an interface to come that could give it rules: the guest needs no record.
  const awaits = after.uplinks !== undefined || after.confined === true;
  const isEmpty = after.elements.length + after.problems.length === 0 && !awaits;
  if (before === undefined && isEmpty) return [];
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
  const own = ownRecord(before, desired);
  const {
    address,
    addressSource = '',
    addressMac,
    otherAddress,
    interfaceAddresses,
    givenAddresses,
    byLease,
    outdatedFile,
    uplinks = desired.certain ? undefined : own?.uplinks,
    uplinkAddresses = desired.certain ? undefined : own?.uplinkAddresses,
  } = desired;
  const since = own?.since;
  return {
    guest: desired.guest,
    ...(address !== undefined && { address, addressSource }),
    ...(addressMac !== undefined && { addressMac }),
    ...(otherAddress !== undefined && { otherAddress }),
    ...(interfaceAddresses !== undefined && { interfaceAddresses }),
    ...(givenAddresses !== undefined && { givenAddresses }),
    ...(byLease !== undefined && { byLease }),
    ...(outdatedFile !== undefined && { outdatedFile }),
    ...(desired.weak && { weak: true }),
    ...(desired.confinement !== undefined && { confined: true }),
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
  const held = others.heldNear(desired.elements, name);
  const counting = desired.weak ? held : held.filter(({ weak }) => weak !== true);
  const { refused } = withoutConflicts(desired.elements, counting);
  return refused.map(({ claim, holder }) =>
    conflict(desired.guest, claim, holder, others.recordOf(holder)?.guest),
  );
}

function guestOfRequest(request: ApplyRequest | RemoveRequest | undefined): GuestId | undefined {
  return request?.kind === 'apply' ? request.desired.guest : request?.guest;
}

/** The claims of elements, which no other guest may hold. */
export function claimsBehindAll(elements: readonly Element[]): AnyClaim[] {
  const claims = elements.flatMap(claimsBehind);
  return [...new Map(claims.map((claim) => [JSON.stringify(claim), claim])).values()];
}
