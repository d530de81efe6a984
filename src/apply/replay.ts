import { elementsOf } from '../desired/compute-desired-state.ts';
import { networkNat, withNat } from '../desired/network-nat.ts';
import { allLiveDomains, lookForLife } from '../desired/running-guests.ts';
import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { recordName } from '../model/guest.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { messageOf } from '../model/problem.ts';
import { assertAccepts } from '../reconcile/antispoof-accepts.ts';
import { backendInUse, nameInUse } from '../reconcile/backend-choice.ts';
import { assertHeadRules } from '../reconcile/head-rules.ts';
import { findLeftovers } from '../reconcile/leftovers.ts';
import { planAll } from '../reconcile/plan-all.ts';
import { readForPlan } from '../reconcile/plan-reading.ts';
import { locked } from '../reconcile/queue.ts';
import { nameOf, reconcile } from '../reconcile/reconcile.ts';
import type { Answer, ApplyRequest, RemoveRequest, Request } from '../reconcile/request.ts';
import { hasEnded, thinOutEnded } from '../state/ended-guests.ts';
import { readHostState } from '../state/host-state.ts';
import { startFollower } from '../state/lease-process.ts';
import { hasRecord, readRecords, removeRecordOrphans } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { makeState } from '../system/files.ts';
import { applyDeltas, findDeltas } from './apply.ts';

/** What became of one guest. */
export interface Replayed {
  readonly guest: GuestId;
  readonly elements: readonly Element[];
  readonly problems: readonly string[];
}

/** What became of all, and what went wrong for no guest in particular. */
export interface Replay {
  readonly guests: readonly Replayed[];
  readonly problems: readonly string[];
}

/**
 * Rebuilds rules and records from the guests that run now, as libvirt's status files tell; libvirt itself is not
 * asked. Records of guests that are gone are dropped. What changes while this is planned is seen with the lock held.
 */
export async function replay(): Promise<Replay> {
  // A guest that ends from now on leaves its mark there.
  bestEffort('making the state folder', makeState);
  const reading = await readForPlan();
  const { requests, unreadable } = await planAll(allLiveDomains(), reading);
  return locked(async () => {
    const { networks, problems } = await planNetworks();
    const told = [...unreadable, ...problems];
    const all = [...requests.sort(byAge()), ...removalsOf(requests)];
    const state = readHostState();
    const idle = all.every(({ kind }) => kind === 'remove') && readRecords().length === 0;
    const nothing = idle && Object.keys(withNat(networks)).length === 0 && nameInUse(state) === undefined;
    if (nothing && findLeftovers(undefined).length === 0) return { guests: [], problems: told };
    const { host, hostUnknown } = reading.configuration;
    const { answered, problems: misplaced } = await reconcile(all, {
      doing: 'replaying',
      rebuild: true,
      patient: true,
      networks: idle ? withNat(networks) : networks,
      backend: reading.backend,
      ...(hostUnknown.length === 0 && { mark: host.mark }),
    });
    bestEffort('removing records that are no longer needed', removeRecordOrphans);
    bestEffort('removing marks of guests that have ended', () => thinOutEnded(isListed()));
    const guests = answered.flatMap(({ request, answer }) =>
      request.kind === 'apply' && (hasRecord(request.desired.guest) || 'failed' in answer)
        ? [replayedOf(request, answer)]
        : [],
    );
    if (requests.some((one) => one.kind === 'apply' && one.desired.byLease === true))
      bestEffort('starting the follower of leases', startFollower);
    return { guests, problems: [...told, ...misplaced] };
  });
}

/** What each network that runs needs in the kernel. Read with the lock held: it is little, and it is true then. */
async function planNetworks() {
  const reading = await readForPlan('nobody');
  const live = await reading.liveNetworks(() => false);
  const problems = [...live.values()].flatMap((network) => networkNat(network, reading).problems);
  return { networks: elementsOf(live, reading), problems };
}

/** Those that have been served longest come first; then by name. */
function byAge(): (a: ApplyRequest | RemoveRequest, b: ApplyRequest | RemoveRequest) => number {
  const since = new Map(readRecords().map((record) => [recordName(record.guest), record.since]));
  const keyOf = (request: Request) => `${since.get(nameOf(request)) || '~'} ${nameOf(request)}`;
  return (a, b) => (keyOf(a) < keyOf(b) ? -1 : 1);
}

/** The records of guests that certainly do not run any more. What runs and was not planned keeps what it has. */
function removalsOf(planned: readonly Request[]): RemoveRequest[] {
  const names = new Set(planned.map(nameOf));
  const { isGone } = lookForLife();
  return readRecords().flatMap(({ guest }): RemoveRequest[] => {
    const isOver = hasEnded(guest) || isGone(guest);
    return isOver && !names.has(recordName(guest))
      ? [{ kind: 'remove', guest: { driver: guest.driver, name: guest.name }, ended: true }]
      : [];
  });
}

function isListed(): (name: string) => boolean {
  const names = new Set(allLiveDomains().map(recordName));
  return (name) => names.has(name);
}

function replayedOf(request: ApplyRequest, answer: Answer): Replayed {
  const { guest } = request.desired;
  return 'failed' in answer
    ? { guest, elements: [], problems: [messageOf(answer.failed)] }
    : { guest, ...answer };
}

/**
 * The same for some guests only, by name or UUID; one that does not run is closed.
 *
 * @throws UserError if nobody knows a guest of that name
 */
export async function replaySome(names: readonly string[]): Promise<Replay> {
  const deltas = await findDeltas(names);
  const guests = await applyDeltas(deltas.all);
  const problems = await locked(async () => {
    const state = readHostState();
    const mark = state.mark ?? deltas.wanted.mark ?? defaultHostPolicy.mark;
    return [...assertHeadRules(await backendInUse(state), mark, true), ...assertAccepts()];
  });
  return { guests, problems: [...deltas.problems, ...problems] };
}
