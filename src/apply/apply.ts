import { outside } from '../desired/network-elements.ts';
import { allLiveDomains, findLive, type LiveGuest, lookForLife } from '../desired/running-guests.ts';
import type { BackendName } from '../model/backend-name.ts';
import { elementsWithout } from '../model/difference.ts';
import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { recordName } from '../model/guest.ts';
import { messageOf, quoted, UserError } from '../model/problem.ts';
import { type NetworkDelta, networkDeltas } from '../reconcile/apply-networks.ts';
import { otherBackend } from '../reconcile/backend-choice.ts';
import type { WantedOfHost } from '../reconcile/network-rules.ts';
import { planAll } from '../reconcile/plan-all.ts';
import { type PlanReading, readForPlan } from '../reconcile/plan-reading.ts';
import { locked } from '../reconcile/queue.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import type { Answer, ApplyRequest, RemoveRequest } from '../reconcile/request.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { readHostState } from '../state/host-state.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { makeState } from '../system/files.ts';

/** What a guest that runs has, against what it should have. */
export interface Delta {
  readonly guest: GuestId;
  readonly added: readonly Element[];
  readonly removed: readonly Element[];
  /** What of its policy cannot be done. */
  readonly problems: readonly string[];
  readonly request: ApplyRequest | RemoveRequest;
}

export interface Deltas {
  /** Of all guests that were asked for. */
  readonly all: readonly Delta[];
  /** Of those that are to change, or cannot. */
  readonly changing: readonly Delta[];
  /** Of the networks that are to change. */
  readonly networks: readonly NetworkDelta[];
  /** What went wrong for no guest in particular. */
  readonly problems: readonly string[];
  /** What the configuration wants of the host. */
  readonly wanted: WantedOfHost;
  /** The back end in use, and the one that the configuration wants in its place. */
  readonly backend?: { readonly from: BackendName; readonly to: BackendName };
}

export interface FindOptions {
  /** What for: see `ApplyRequest`. */
  readonly cause?: 'command' | 'lease';
  /** `look`: nothing is applied after, and nothing is written. */
  readonly only?: 'look' | 'apply';
}

/** What became of one guest. */
export interface Applied {
  readonly guest: GuestId;
  readonly elements: readonly Element[];
  readonly problems: readonly string[];
}

/**
 * Compares what runs with what the configuration says by now. Looks only.
 *
 * @param names these guests, by name or UUID; none: all
 * @throws UserError if nobody knows a guest of that name
 */
export async function findDeltas(
  names: readonly string[],
  { cause = 'command', only = 'apply' }: FindOptions = {},
): Promise<Deltas> {
  // A guest that ends from now on leaves its mark there.
  if (only === 'apply') bestEffort('making the state folder', makeState);
  const reading = await readForPlan();
  const records = readRecords();
  const life = lookForLife();
  const chosen = names.map((name) => choose(name, records, cause));
  const live = names.length === 0 ? allLiveDomains() : chosen.flatMap(({ live }) => live ?? []);
  const gone =
    names.length === 0
      ? records.filter(({ guest }) => life.isGone(guest) || hasEnded(guest))
      : chosen.flatMap(({ gone }) => gone ?? []);
  const { requests, unreadable } = await planAll(live, reading, cause);
  const byName = new Map(records.map((record) => [recordName(record.guest), record]));
  const all = [
    ...gone.map((record) => removalOf(record, reading.stamp)),
    ...requests.map((request) => deltaOf(request, byName)),
  ];
  const backend = otherBackend(readHostState(), reading.backend);
  // What [host] says of everybody's forwards changes with any guest's: all are looked at again.
  const elsewhere = backend !== undefined || requests.some(reachedElsewhere);
  const changing = all.filter(
    ({ added, removed, problems }) => elsewhere || added.length + removed.length + problems.length > 0,
  );
  const networks = names.length === 0 ? await networkDeltas(reading) : { changing: [], problems: [] };
  const problems = [...unreadable, ...networks.problems];
  return {
    all,
    changing,
    networks: networks.changing,
    problems,
    wanted: wantedOf(reading),
    ...(backend !== undefined && { backend }),
  };
}

/**
 * Makes it so, in one transaction: what stays is not touched, and what one guest gives up another can have.
 *
 * @returns what became of each, in their order
 */
export async function applyDeltas(deltas: readonly Delta[]): Promise<Applied[]> {
  const { answered } = await locked(() => reconcile(deltas.map(({ request }) => request)));
  const answers = new Map(answered.map(({ request, answer }) => [request, answer]));
  return deltas.map(({ guest, request }) => {
    const answer = answers.get(request);
    if (answer === undefined || request.kind === 'remove')
      return { guest, elements: [], problems: problemsOf(answer) };
    if ('failed' in answer) return { guest, elements: [], problems: problemsOf(answer) };
    return { guest, ...answer };
  });
}

function problemsOf(answer: Answer | undefined): string[] {
  return answer !== undefined && 'failed' in answer ? [messageOf(answer.failed)] : [];
}

/** Whether forwards without an address are to be reached through other interfaces than now. */
function reachedElsewhere(request: ApplyRequest | RemoveRequest): boolean {
  if (request.kind === 'remove') return false;
  const { networks, elements } = request.desired;
  const { [outside]: had = [] } = readHostState().networks;
  const wanted = networks[outside] ?? [];
  if (elements.length === 0) return false;
  return elementsWithout(had, wanted).length + elementsWithout(wanted, had).length > 0;
}

function choose(
  name: string,
  records: readonly GuestRecord[],
  cause: 'command' | 'lease',
): { live?: LiveGuest; gone?: GuestRecord } {
  const live = findLive(name);
  if (live !== undefined && !hasEnded(live)) return { live };
  const gone = records.find(({ guest }) => guest.name === name || guest.uuid === name.toLowerCase());
  if (gone === undefined && cause === 'lease') return {};
  if (gone === undefined) throw new UserError(`no guest ${quoted(name)} runs here: see virsh list --all`);
  return { gone };
}

/** For a guest that is gone, as long as nobody starts it again. */
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
  const had = records.get(recordName(guest))?.elements ?? [];
  if (request.kind === 'remove') return { guest, added: [], removed: had, problems: [], request };
  const { desired } = request;
  const { problems } = desired;
  if (!desired.certain) return { guest, added: [], removed: [], problems, request };
  const added = elementsWithout(desired.elements, had);
  const removed = elementsWithout(had, desired.elements);
  return { guest, added, removed, problems, request };
}

function wantedOf({ configuration: { hostUnknown, host }, backend }: PlanReading): WantedOfHost {
  return { backend, ...(hostUnknown.length === 0 && { mark: host.mark }) };
}
