import { absentNetworks } from '../desired/absent-guests.ts';
import { networkNat, withStanding } from '../desired/network-nat.ts';
import { elementsOf } from '../desired/networks-of-guest.ts';
import { plainNames } from '../desired/plain-networks.ts';
import { allLiveDomains, lookForLife } from '../desired/running-guests.ts';
import { counted } from '../model/counted.ts';
import { type Finding, failure } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { CommandError, UserError } from '../model/problem.ts';
import { followAbsence } from '../reconcile/absent-rules.ts';
import { assertAccepts } from '../reconcile/antispoof-accepts.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { assertHeadRules } from '../reconcile/head-rules.ts';
import { type Begin, planAll } from '../reconcile/plan-all.ts';
import { type PlanReading, readForPlan } from '../reconcile/plan-reading.ts';
import { applyProtection, protectionDelta } from '../reconcile/protection.ts';
import { restoreProtection } from '../reconcile/protection-table.ts';
import { locked } from '../reconcile/queue.ts';
import { reconcile } from '../reconcile/reconcile.ts';
import type { ApplyRequest, RemoveRequest, Request } from '../reconcile/request.ts';
import { nameOf } from '../reconcile/request-name.ts';
import { removeUnexplainedNow } from '../reconcile/unexplained.ts';
import { noteInterfaces } from '../reconcile/uplinks-noted.ts';
import { hasEnded, thinOutEnded } from '../state/ended-guests.ts';
import { isFollowed, startFollower } from '../state/follower-process.ts';
import { removeEventOrphans } from '../state/hook-events.ts';
import { nameInUse, readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { recordedProtection } from '../state/protection.ts';
import { hasRecord, removeRecordOrphans } from '../state/record-files.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { makeState } from '../system/files.ts';
import { appliedOf, applyDeltas, findDeltas, type GuestOutcome } from './apply.ts';
import { keepIfApplied } from './keep-applied.ts';
import { rollBackIfDue } from './roll-back.ts';

/** The results of all guests, and the problems that concern no single guest. */
export interface Replay {
  readonly guests: readonly GuestOutcome[];
  readonly problems: readonly Finding[];
}

/**
 * Rebuilds rules and records from the guests that run now. guestgate reads libvirt's status files and does not call libvirt.
 * Records of guests that have ended are removed. With the lock held, plans that are out of date are made again.
 *
 * @param begin is called before each step
 */
export async function replay(begin: Begin = () => {}): Promise<Replay> {
  const rollback = await rollBackFirst();
  // A guest that ends from now on is marked there.
  bestEffort('creating the state folder', makeState);
  const reading = await readForPlan();
  const result = await replayAll(reading, begin);
  const ofHost = await replayProtection(reading);
  const { stamp, configuration } = reading;
  const ofGuests = result.guests.flatMap(({ problems }) => problems);
  const isValid = configuration.problems.length === 0;
  keepIfApplied({ stamp, isValid }, [...result.problems, ...ofGuests, ...ofHost]);
  return { ...result, problems: [...rollback, ...result.problems, ...ofHost] };
}

/** A change that was not confirmed before the host went down, or whose rollback failed. @returns what went wrong */
async function rollBackFirst(): Promise<readonly Finding[]> {
  try {
    return (await rollBackIfDue())?.problems ?? [];
  } catch (error) {
    if (!(error instanceof UserError || error instanceof CommandError)) throw error;
    return [failure('rolling the configuration back', error)];
  }
}

/** Also if its table looks as it was made: a rule of it may have been changed. */
async function replayProtection(reading: PlanReading): Promise<readonly Finding[]> {
  if (protectionDelta(reading) !== undefined) return applyProtection(reading);
  if (recordedProtection() !== undefined) await locked(() => restoreProtection(true));
  return [];
}

async function replayAll(reading: PlanReading, begin: Begin): Promise<Replay> {
  const { requests, unreadable } = await planAll(allLiveDomains(), reading, 'command', begin);
  begin(`rules of ${counted(requests.length, 'guest')}`);
  return locked(async () => {
    const { networks, problems } = await planNetworks();
    const planProblems = [...unreadable, ...problems];
    const records = readRecords();
    const all = [...requests.sort(byAge(records)), ...removalsOf(requests, records)];
    const state = readHostState();
    const idle = all.every(({ kind }) => kind === 'remove') && records.length === 0;
    const isEmpty =
      idle && Object.keys(withStanding(networks)).length === 0 && nameInUse(state) === undefined;
    if (isEmpty) {
      await removeUnexplainedNow();
      return { guests: [], problems: planProblems };
    }
    const { host, hostUnknown } = reading.configuration;
    const { answered, problems: misplaced } = await reconcile(all, {
      doing: 'replaying',
      rebuild: true,
      patient: true,
      asked: true,
      networks: idle ? withStanding(networks) : networks,
      backend: reading.backend,
      ...(hostUnknown.length === 0 && { mark: host.mark }),
    });
    bestEffort('removing unused records', removeRecordOrphans);
    bestEffort('removing unfinished events', removeEventOrphans);
    bestEffort('removing marks of ended guests', () => thinOutEnded(isListed()));
    const guests = answered.flatMap(({ request, answer }) =>
      request.kind === 'apply' && (hasRecord(request.desired.guest) || 'failed' in answer)
        ? [appliedOf(request.desired.guest, answer)]
        : [],
    );
    if (requests.some((request) => request.kind === 'apply' && isFollowed(request.desired))) startFollower();
    return { guests, problems: [...planProblems, ...misplaced] };
  });
}

/** The elements of each active network, and those for absent guests. Read with the lock held, so that they are current. */
async function planNetworks() {
  const reading = await readForPlan();
  followAbsence(reading);
  noteInterfaces(plainNames(reading.configuration.networks));
  const live = await reading.liveNetworks(() => false);
  const problems = [...live.values()].flatMap((network) => networkNat(network, reading).problems);
  return {
    networks: { ...elementsOf(live, reading, recordedFamilies()), ...absentNetworks(reading) },
    problems,
  };
}

/** Orders requests by the age of the guest's record, oldest first; then by name. */
function byAge(
  records: readonly GuestRecord[],
): (a: ApplyRequest | RemoveRequest, b: ApplyRequest | RemoveRequest) => number {
  const since = new Map(records.map((record) => [recordName(record.guest), record.since]));
  const keyOf = (request: Request) => `${since.get(nameOf(request)) || '~'} ${nameOf(request)}`;
  return (a, b) => (keyOf(a) < keyOf(b) ? -1 : 1);
}

/** Removals for guests that have certainly ended. A running guest that could not be planned keeps what it has. */
function removalsOf(planned: readonly Request[], records: readonly GuestRecord[]): RemoveRequest[] {
  const names = new Set(planned.map(nameOf));
  const { isGone } = lookForLife();
  return records.flatMap(({ guest }): RemoveRequest[] => {
    const isEnded = hasEnded(guest) || isGone(guest);
    return isEnded && !names.has(recordName(guest))
      ? [{ kind: 'remove', guest: { driver: guest.driver, name: guest.name }, ended: true }]
      : [];
  });
}

function isListed(): (name: string) => boolean {
  const names = new Set(allLiveDomains().map(recordName));
  return (name) => names.has(name);
}

/**
 * Replays some guests only, by name or UUID. A guest that does not run loses its rules.
 *
 * @throws UserError if no running guest, and no record, has that name
 */
export async function replaySome(names: readonly string[]): Promise<Replay> {
  const deltas = await findDeltas(names);
  const guests = await applyDeltas(deltas.all);
  const problems = await locked(async () => {
    const state = readHostState();
    const mark = state.mark ?? deltas.wanted.mark ?? defaultHostPolicy.mark;
    return [
      ...(await assertHeadRules(await backendInUse(state), mark, { always: true })),
      ...assertAccepts(),
    ];
  });
  return { guests, problems: [...deltas.problems, ...problems] };
}
