import { unitedNetworks } from '../desired/network-elements.ts';
import type { BackendName } from '../model/backend-name.ts';
import { elementsWithout } from '../model/difference.ts';
import type { Finding } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { UserError } from '../model/problem.ts';
import { isVif } from '../model/vif.ts';
import { configurationStamp } from '../state/configuration-stamp.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { type HostState, nameInUse, readHostState } from '../state/host-state.ts';
import { readJournal } from '../state/journal.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { backendInUse } from './backend-choice.ts';
import type { GuestResult, HostChange } from './change.ts';
import { endOldFlows } from './ended-connections.ts';
import { assertHeadRules } from './head-rules.ts';
import { asItIsNow } from './late-plan.ts';
import { indexedNeighbours, readNeighbours } from './neighbours.ts';
import { type PlannedRequest, planChanges } from './plan-change.ts';
import { assertVifRules } from './port-rules.ts';
import type { Answer, Request } from './request.ts';
import { transact } from './transaction.ts';

export interface Answered {
  readonly request: Request;
  readonly answer: Answer;
}

/** What became of all requests, in their order. */
export interface Reconciled {
  readonly answered: readonly Answered[];
  /** The foreign chains in which guestgate's accept could not be put first. */
  readonly problems: readonly Finding[];
}

export interface ReconcileOptions {
  /** For messages, where it is not the guests' own. */
  readonly doing?: string;
  /** Make all of our rules again, and put all accepts first again. */
  readonly rebuild?: boolean;
  /** A person waits, not libvirt. */
  readonly patient?: boolean;
  /** All networks that run; undefined: those that guests bring are added to those that are known. */
  readonly networks?: HostState['networks'];
  /** The bit of `ct mark`, where requests do not say it. */
  readonly mark?: number;
  /** The back end, where requests do not say it. */
  readonly backend?: BackendName | undefined;
}

const nothing: Answer = { elements: [], problems: [] };

/**
 * The one path: what guests have in the kernel becomes what they should have, in one transaction, their records say
 * so, and our accepts are first. Twice is once. Plans that were made before something changed are made again, or dropped.
 * To be called with the lock held.
 *
 * @param requests in the order of their coming: of several for one guest the last one counts
 */
export async function reconcile(
  requests: readonly Request[],
  options: ReconcileOptions = {},
): Promise<Reconciled> {
  const recorded = readHostState();
  // What another process left unfinished is finished, though nothing else is to be done.
  const isUnfinished = readJournal().pending.length > 0;
  const records = requests.length > many ? recordsByName() : undefined;
  const { current, unplanned } = await lastOfEachGuest(
    requests,
    options.rebuild === true || isUnfinished,
    records,
  );
  const planned = [...current.values()];
  const batch = new Set(planned.map(({ name }) => name));
  const others = records === undefined ? indexedNeighbours() : readNeighbours(records, batch);
  const changes = planChanges(planned, others, new Date().toISOString());
  const host = wantedOf(recorded, planned, options);
  const isDue =
    changes.length > 0 || options.rebuild === true || (isUnfinished && recorded.mark !== undefined);
  const results = isDue ? await transact(changes, host, options) : [];
  const done = results.filter((result) => !('failed' in result));
  bestEffort('ending connections of removed forwards', () => endOldFlows(done.map(differenceOf), host.mark));
  const adds = done.some(({ change }) => change.adds);
  const problems = [
    ...(adds || options.rebuild ? await assertPlaces(host, options.rebuild === true) : []),
    ...(done.some(movesPorts) || options.rebuild ? assertVifRules() : []),
  ];
  const byName = new Map(results.map((result) => [result.change.name, result]));
  const answered = requests.map((request) => ({
    request,
    answer:
      unplanned.get(nameOf(request)) ??
      answerOf(byName.get(nameOf(request)), options.rebuild ? [] : problems),
  }));
  return { answered, problems };
}

/** From so many requests on, all records are read at once. */
const many = 100;

function recordsByName(): ReadonlyMap<string, GuestRecord> {
  return new Map(readRecords().map((record) => [recordName(record.guest), record]));
}

/**
 * The requests that count, as they are to be carried out now.
 *
 * @param fromRecords the kernel's rules are made again from the records
 */
async function lastOfEachGuest(
  requests: readonly Request[],
  fromRecords: boolean,
  records: ReadonlyMap<string, GuestRecord> | undefined,
): Promise<{ current: Map<string, PlannedRequest>; unplanned: Map<string, Answer> }> {
  const last = new Map<string, Request>();
  // A guest that has ended while its removal failed: what is made again from the records is not to bring it back.
  if (fromRecords)
    for (const { guest } of readRecords().filter((record) => hasEnded(record.guest)))
      last.set(recordName(guest), { kind: 'remove', guest, ended: true });
  for (const request of requests) {
    // A later one comes later in the map, too: the order is that of their coming.
    last.delete(nameOf(request));
    last.set(nameOf(request), request);
  }
  const current = new Map<string, PlannedRequest>();
  const unplanned = new Map<string, Answer>();
  const configuration = last.size > 0 ? configurationStamp() : '';
  for (const [name, request] of last) {
    const before = records === undefined ? readRecord(name) : records.get(name);
    try {
      const now = await asItIsNow(request, { before, configuration });
      if (now !== undefined) current.set(name, { request: now, name, before });
    } catch (error) {
      // What cannot be read of one guest is no matter to the others.
      if (!(error instanceof UserError)) throw error;
      unplanned.set(name, { failed: error });
    }
  }
  return { current, unplanned };
}

export function nameOf(request: Request): string {
  switch (request.kind) {
    case 'apply':
      return recordName(request.desired.guest);
    case 'remove':
      return recordName(request.guest);
    case 'refresh':
      return request.record;
  }
}

/** Where nothing was transacted the kernel's rules are still of the back end in use. */
async function assertPlaces({ mark }: HostChange, always: boolean): Promise<Finding[]> {
  return assertHeadRules(await backendInUse(readHostState()), mark, always);
}

/** The host's state with the networks that the guests bring, mark and back end. */
function wantedOf(
  recorded: HostState,
  planned: readonly PlannedRequest[],
  options: ReconcileOptions,
): HostChange {
  const applied = planned.flatMap(({ request }) => (request.kind === 'apply' ? [request] : []));
  const own = unitedNetworks(applied.map(({ desired }) => desired.networks));
  const networks = Object.assign(
    Object.create(null),
    options.networks === undefined ? recorded.networks : {},
    own,
  );
  Object.assign(networks, options.networks);
  const marks = applied.flatMap(({ mark }) => mark ?? []);
  const backends = applied.flatMap(({ backend }) => backend ?? []);
  return {
    networks,
    mark: marks.at(-1) ?? options.mark ?? recorded.mark ?? defaultHostPolicy.mark,
    backend: backends.at(-1) ?? options.backend ?? nameInUse(recorded) ?? 'nftables',
  };
}

function differenceOf(result: GuestResult): { before: GuestRecord | undefined; settled: GuestRecord } {
  const settled = 'settled' in result ? result.settled : result.change.after;
  return { before: result.change.before, settled };
}

/** Whether a guest's ports are not what they were. */
function movesPorts(result: GuestResult): boolean {
  const { before, settled } = differenceOf(result);
  const [had, has] = [before?.elements ?? [], settled.elements].map((elements) => elements.filter(isVif));
  return elementsWithout(had ?? [], has ?? []).length + elementsWithout(has ?? [], had ?? []).length > 0;
}

function answerOf(result: GuestResult | undefined, problems: readonly Finding[]): Answer {
  if (result === undefined) return nothing;
  if ('failed' in result) return { failed: result.failed };
  const { change, settled } = result;
  if (change.removes) return { elements: change.before?.elements ?? [], problems: [] };
  return {
    elements: settled.elements,
    problems: [...settled.problems, ...(change.adds ? problems : [])],
  };
}
