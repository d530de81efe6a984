import { outside } from '../desired/network-elements.ts';
import { allLiveDomains, findLive, type LiveGuest, lookForLife } from '../desired/running-guests.ts';
import type { BackendName } from '../model/backend-name.ts';
import { areDifferent, elementsWithout } from '../model/difference.ts';
import type { Element } from '../model/element.ts';
import { aboutGuest, type Finding, failure } from '../model/finding.ts';
import type { GuestId } from '../model/guest.ts';
import { recordName } from '../model/guest.ts';
import { isNamedBy } from '../model/guest-keys.ts';
import { quoted, UserError } from '../model/problem.ts';
import { otherBackend } from '../reconcile/backend-choice.ts';
import { type WantedOfHost, wantedOfHost } from '../reconcile/change-networks.ts';
import { type NetworkDelta, networkDeltas } from '../reconcile/network-deltas.ts';
import { planAll } from '../reconcile/plan-all.ts';
import { readForPlan } from '../reconcile/plan-reading.ts';
import { protectionDelta } from '../reconcile/protection.ts';
import { locked } from '../reconcile/queue.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import type { Answer, ApplyRequest, RemoveRequest } from '../reconcile/request.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { isFollowed, startFollower } from '../state/follower-process.ts';
import { readHostState } from '../state/host-state.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { makeState } from '../system/files.ts';

/** The difference between the rules that a running guest has and those that its policy requires. */
export interface Delta {
  readonly guest: GuestId;
  readonly added: readonly Element[];
  readonly removed: readonly Element[];
  /** Why parts of its policy cannot be applied. */
  readonly problems: readonly Finding[];
  readonly request: ApplyRequest | RemoveRequest;
}

export interface Deltas {
  /** All requested guests. */
  readonly all: readonly Delta[];
  /** The guests with changes or problems. */
  readonly changing: readonly Delta[];
  /** Whether a change of `[host]` concerns all guests: they count as changing. */
  readonly hostChanges: boolean;
  /** How the table changes that protects the host itself. */
  readonly protection?: 'made' | 'removed';
  /** The networks with changes. */
  readonly networks: readonly NetworkDelta[];
  /** Problems that concern no single guest. */
  readonly problems: readonly Finding[];
  /** The host's settings in the configuration. */
  readonly wanted: WantedOfHost;
  /** Of the configuration that was read: its stamp, and whether it has no mistake. */
  readonly read: { readonly stamp: string; readonly isValid: boolean };
  /** The back end in use, and the one that the configuration chooses instead. */
  readonly backend?: { readonly from: BackendName; readonly to: BackendName };
}

export interface FindOptions {
  /** See `ApplyRequest`. */
  readonly cause?: 'command' | 'lease';
  /** `look`: the caller applies nothing, so nothing is written. */
  readonly only?: 'look' | 'apply';
}

/** The result for one guest. */
export interface GuestOutcome {
  readonly guest: GuestId;
  readonly elements: readonly Element[];
  readonly problems: readonly Finding[];
}

/**
 * Compares running guests with the configuration. Changes nothing.
 *
 * @param names guests by name or UUID; empty: all guests
 * @throws UserError if no running guest, and no record, has that name
 */
export async function findDeltas(
  names: readonly string[],
  { cause = 'command', only = 'apply' }: FindOptions = {},
): Promise<Deltas> {
  // A guest that ends from now on is marked there.
  if (only === 'apply') bestEffort('creating the state folder', makeState);
  const reading = await readForPlan();
  const records = readRecords();
  const life = lookForLife();
  const chosen = names.map((name) => choose(name, records, cause));
  const live = names.length === 0 ? allLiveDomains() : chosen.flatMap(({ live }) => live ?? []);
  const ended =
    names.length === 0
      ? records.filter(({ guest }) => life.isGone(guest) || hasEnded(guest))
      : chosen.flatMap(({ ended }) => ended ?? []);
  const { requests, unreadable } = await planAll(live, reading, cause);
  const byName = new Map(records.map((record) => [recordName(record.guest), record]));
  const all = [
    ...ended.map((record) => removalOf(record, reading.stamp)),
    ...requests.map((request) => deltaOf(request, byName)),
  ];
  const backend = otherBackend(readHostState(), reading.backend);
  const protection = protectionDelta(reading);
  const hostChanges = backend !== undefined || requests.some(changesInterfaces);
  const changing = all.filter(
    ({ added, removed, problems }) => hostChanges || added.length + removed.length + problems.length > 0,
  );
  const networks = names.length === 0 ? await networkDeltas(reading) : { changing: [], problems: [] };
  return {
    all,
    changing,
    hostChanges,
    networks: networks.changing,
    problems: [...unreadable, ...networks.problems],
    wanted: wantedOfHost(reading),
    read: { stamp: reading.stamp, isValid: reading.configuration.problems.length === 0 },
    ...(backend !== undefined && { backend }),
    ...(protection !== undefined && { protection }),
  };
}

/**
 * Applies the changes in one transaction: it does not touch rules that stay, and one guest can get what another gives up.
 *
 * @param keepConnections whether connections continue that the changes no longer allow
 * @returns the result of each, in the same order
 */
export async function applyDeltas(
  deltas: readonly Delta[],
  keepConnections = false,
): Promise<GuestOutcome[]> {
  const requests = deltas.map(({ request }) => request);
  const { answered } = await locked(() => reconcile(requests, { asked: true, keepConnections }));
  if (requests.some((request) => request.kind === 'apply' && isFollowed(request.desired))) startFollower();
  const answers = new Map(answered.map(({ request, answer }) => [request, answer]));
  return deltas.map(({ guest, request }) => {
    const answer = answers.get(request);
    return answer === undefined || request.kind === 'remove'
      ? { guest, elements: [], problems: failuresOf(guest, answer) }
      : appliedOf(guest, answer);
  });
}

/** The result for a guest, from the answer to its request. */
export function appliedOf(guest: GuestId, answer: Answer): GuestOutcome {
  return 'failed' in answer
    ? { guest, elements: [], problems: failuresOf(guest, answer) }
    : { guest, ...answer };
}

function failuresOf(guest: GuestId, answer: Answer | undefined): Finding[] {
  return answer !== undefined && 'failed' in answer
    ? [failure(aboutGuest(guest), answer.failed, 'refused')]
    : [];
}

/** Whether `[host]` names other interfaces for forwards without an address than those in the kernel. */
function changesInterfaces(request: ApplyRequest | RemoveRequest): boolean {
  if (request.kind === 'remove') return false;
  const { networks, elements } = request.desired;
  const { [outside]: recorded = [] } = readHostState().networks;
  const wanted = networks[outside] ?? [];
  if (elements.length === 0) return false;
  return areDifferent(recorded, wanted);
}

function choose(
  name: string,
  records: readonly GuestRecord[],
  cause: 'command' | 'lease',
): { live?: LiveGuest; ended?: GuestRecord } {
  const live = findLive(name);
  if (live !== undefined && !hasEnded(live)) return { live };
  const ended = records.find(({ guest }) => isNamedBy(name, guest));
  if (ended === undefined && cause === 'lease') return {};
  if (ended === undefined) throw new UserError(`no running guest ${quoted(name)} (see virsh list --all)`);
  return { ended };
}

/** Removes the rules of an ended guest. The premise fails if the guest starts again. */
function removalOf({ guest, elements, generation }: GuestRecord, configuration: string): Delta {
  const { driver, name } = guest;
  const request: RemoveRequest = {
    kind: 'remove',
    guest: { driver, name },
    ended: true,
    premise: { configuration, record: generation },
  };
  return { guest, added: [], removed: elements, problems: [], request };
}

function deltaOf(request: ApplyRequest | RemoveRequest, records: ReadonlyMap<string, GuestRecord>): Delta {
  const guest = request.kind === 'remove' ? request.guest : request.desired.guest;
  const recorded = records.get(recordName(guest))?.elements ?? [];
  if (request.kind === 'remove') return { guest, added: [], removed: recorded, problems: [], request };
  const { desired } = request;
  const { problems } = desired;
  if (!desired.certain) return { guest, added: [], removed: [], problems, request };
  const added = elementsWithout(desired.elements, recorded);
  const removed = elementsWithout(recorded, desired.elements);
  return { guest, added, removed, problems, request };
}
