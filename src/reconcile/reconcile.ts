import { unitedNetworks } from '../desired/network-elements.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { Finding } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { UserError } from '../model/problem.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { type HostState, nameInUse } from '../state/host-state.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { apart, asBefore } from './apart.ts';
import type { GuestResult, HostChange } from './change.ts';
import { followUp } from './follow-up.ts';
import { replanRefused } from './freed-claims.ts';
import { asItIsNow } from './late-plan.ts';
import { indexedNeighbours, readNeighbours } from './neighbours.ts';
import { type PlannedRequest, planChanges } from './plan-change.ts';
import { presentFacts } from './premise.ts';
import type { Answer, Request } from './request.ts';
import { nameOf } from './request-name.ts';
import { splitIntoRounds } from './rounds.ts';
import { readTransactionFiles, transact, transactEach } from './transaction.ts';

export interface Answered {
  readonly request: Request;
  readonly answer: Answer;
}

/** The answers to all requests, in the same order. */
export interface Reconciled {
  readonly answered: readonly Answered[];
  /** The foreign chains in which guestgate's head rule could not be put first. */
  readonly problems: readonly Finding[];
}

export interface ReconcileOptions {
  /** The task, for messages; by default that of the guests. */
  readonly doing?: string;
  /** Rebuild all rules, and put all head rules in place again. */
  readonly rebuild?: boolean;
  /** A person waits, not libvirt: longer time limits. */
  readonly patient?: boolean;
  /** A person asks for these guests: those that were set aside are tried again. */
  readonly asked?: boolean;
  /** Connections continue that the changes no longer allow: those of removed elements, and of sources. */
  readonly keepConnections?: boolean;
  /** All active networks; undefined: the guests' networks are added to the recorded ones. */
  readonly networks?: HostState['networks'];
  /** The bit of `ct mark`, if no request has it. */
  readonly mark?: number;
  /** The back end, if no request has it. */
  readonly backend?: BackendName | undefined;
}

const nothing: Answer = { elements: [], problems: [] };

/**
 * The only path from requests to rules: a transaction changes rules and records of all guests, then head rules are put in
 * place. Idempotent. Outdated plans are made again or dropped. What changes the result of another waiting request gets a
 * transaction of its own after it. Needs the lock.
 *
 * @param requests in order of arrival
 */
export async function reconcile(
  requests: readonly Request[],
  options: ReconcileOptions = {},
): Promise<Reconciled> {
  const { now, later } = splitIntoRounds(requests);
  const first = await reconcileTogether(now, options);
  if (later.length === 0) return first;
  const rest = await reconcile(later, { ...options, rebuild: false });
  const answers = new Map(
    [...first.answered, ...rest.answered].map(({ request, answer }) => [request, answer]),
  );
  return {
    answered: requests.map((request) => ({ request, answer: answers.get(request) ?? nothing })),
    problems: [...first.problems, ...rest.problems],
  };
}

/** One transaction. @param requests of several for one guest, the last one counts */
async function reconcileTogether(
  requests: readonly Request[],
  options: ReconcileOptions,
): Promise<Reconciled> {
  const files = readTransactionFiles();
  const { recorded } = files;
  // An unfinished transaction of another process is finished even without requests.
  const { pending, refused } = files.journal;
  const isUnfinished = pending.length > 0;
  const records = requests.length > many ? recordsByName() : undefined;
  const { current, unplanned } = await lastOfEachGuest(
    requests,
    options.rebuild === true || isUnfinished,
    records,
  );
  const planned = [...current.values()];
  const names = new Set(planned.map(({ name }) => name));
  const others = records === undefined ? indexedNeighbours() : readNeighbours(records, names);
  const changes = planChanges(planned, others, new Date().toISOString());
  const host = wantedOf(recorded, planned, options);
  await replanRefused(changes, refused);
  const { together, alone, untried } = await apart(changes, options.asked === true);
  const isDue =
    together.length > 0 || options.rebuild === true || (isUnfinished && recorded.mark !== undefined);
  const ofAll = isDue ? await transact(together, host, files, options) : [];
  const results = alone.length === 0 ? ofAll : [...ofAll, ...(await transactEach(alone, host))];
  const done = results.filter((result) => !('failed' in result));
  const problems = await followUp(done, host, options);
  const byName = new Map(results.map((result) => [result.change.name, result]));
  const answered = requests.map((request) => ({
    request,
    answer:
      unplanned.get(nameOf(request)) ??
      answerOf(
        byName.get(nameOf(request)) ?? asBefore(untried, nameOf(request)),
        options.rebuild ? [] : problems,
      ),
  }));
  return { answered, problems };
}

/** Above this number of requests, all records are read together. */
const many = 100;

function recordsByName(): ReadonlyMap<string, GuestRecord> {
  return new Map(readRecords().map((record) => [recordName(record.guest), record]));
}

/**
 * The requests that count, updated to the present.
 *
 * @param fromRecords whether all rules are rebuilt from the records
 */
async function lastOfEachGuest(
  requests: readonly Request[],
  fromRecords: boolean,
  records: ReadonlyMap<string, GuestRecord> | undefined,
): Promise<{ current: Map<string, PlannedRequest>; unplanned: Map<string, Answer> }> {
  const last = new Map<string, Request>();
  // A rebuild must not restore the rules of a guest that has ended and whose removal failed.
  if (fromRecords)
    for (const { guest } of [...(records?.values() ?? readRecords())].filter((one) => hasEnded(one.guest)))
      last.set(recordName(guest), { kind: 'remove', guest, ended: true });
  for (const request of requests) {
    // Deleting first keeps the order of arrival: set() alone would keep the old position.
    last.delete(nameOf(request));
    last.set(nameOf(request), request);
  }
  const current = new Map<string, PlannedRequest>();
  const unplanned = new Map<string, Answer>();
  const present = presentFacts();
  for (const [name, request] of last) {
    const before = records === undefined ? readRecord(name) : records.get(name);
    try {
      const now = await asItIsNow(request, { ...present, before });
      if (now !== undefined) current.set(name, { request: now, name, before });
    } catch (error) {
      // A guest that cannot be read must not affect the others.
      if (!(error instanceof UserError)) throw error;
      unplanned.set(name, { failed: error });
    }
  }
  return { current, unplanned };
}

/** The host's state after the transaction: networks of guests, mark and back end. */
function wantedOf(
  recorded: HostState,
  planned: readonly PlannedRequest[],
  options: ReconcileOptions,
): HostChange {
  const applied = planned.flatMap(({ request }) => (request.kind === 'apply' ? [request] : []));
  const ofGuests = unitedNetworks(applied.map(({ desired }) => desired.networks));
  const networks = Object.assign(
    Object.create(null),
    options.networks === undefined ? recorded.networks : {},
    ofGuests,
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
