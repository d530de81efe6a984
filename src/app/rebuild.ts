import type { Backend } from '../backends/backend.ts';
import { listChain } from '../backends/nftables/listing.ts';
import { claimOf } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { type IndexedClaim, rebuildClaims } from '../system/claims.ts';
import { hasProgram } from '../system/host.ts';
import { type HostState, readHostState, writeHostState } from '../system/host-state.ts';
import { recordedVifTables } from '../system/recorded-vifs.ts';
import {
  isRecorded,
  type Record,
  readRecords,
  recordedFamilies,
  recordName,
  writeRecord,
} from '../system/records.ts';
import { tryRun } from '../system/run.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { assertAnchors, assertEntrances } from './anchors.ts';
import { backendInUse } from './backend-choice.ts';
import { elementsOfNetworks, partOf, rebuildSteps, runSteps, stepsOf, withAdvice } from './kernel.ts';
import { enter, removeLeft } from './switch-backend.ts';
import { tolerate } from './tolerate.ts';

/** What the kernel would not take, by the name of the guest's record, and why. */
export type Rejected = ReadonlyMap<string, string>;

/**
 * Makes our part of the kernel's ruleset anew, in one transaction, from the records: what to do when the two
 * disagree, whoever flushed what. To be called with the lock held.
 *
 * @param mark another bit than before, if the configuration says so
 * @param emptied the names of records whose elements go, even where that could not be written down
 */
export function rebuild(doing: string, mark?: number, emptied: ReadonlySet<string> = new Set()): Rejected {
  const state = readHostState();
  const records = readRecords().filter(({ guest }) => !emptied.has(recordName(guest)));
  const bit = mark ?? state.mark ?? defaultHostPolicy.mark;
  const { backend, left } = enter(state);
  let rejected: Rejected = new Map();
  try {
    runSteps(loadingOf(backend, state, records, bit), doing);
  } catch (error) {
    rejected = loadOneByOne(backend, state, records, bit, doing, error);
  }
  // Networks alone need no accept, and before the first guest there is none to be made anew.
  const remade = bit !== state.mark && (state.mark !== undefined || records.length > 0);
  if (remade || left !== undefined) assertAnchors(bit, true, backend);
  else assertEntrances(backend);
  if (left !== undefined) removeLeft(left, backend);
  const settled = () => {
    settle(records, rejected);
    rebuildClaims(allClaims(records.filter(({ guest }) => !rejected.has(recordName(guest)))));
    const { rebuilding: _, leaving: __, ...rest } = readHostState();
    if (bit !== state.mark || state.rebuilding || state.backend !== backend.name)
      writeHostState({ ...rest, mark: bit, backend: backend.name });
  };
  if (emptied.size === 0) settled();
  else tolerate(settled);
  return rejected;
}

/**
 * The same for records that are not written yet: they are while the kernel loads its rules.
 *
 * @returns the records as they are now, and the names of those that said something else before
 */
export async function rebuildWith(
  records: readonly Record[],
  state: Pick<HostState, 'networks'> & { readonly mark: number },
  doing: string,
): Promise<{ records: readonly Record[]; changed: ReadonlySet<string> }> {
  const { backend, left } = enter(readHostState());
  const { made } = readHostState();
  const choice = { backend: backend.name, ...(made !== undefined && { made }) };
  writeHostState({ ...state, ...choice, ...(left !== undefined && { leaving: left }), rebuilding: true });
  const loading = runAll(loadingOf(backend, state, records, state.mark), doing).then(
    () => new Map<string, string>(),
    (error: unknown) => loadOneByOne(backend, state, records, state.mark, doing, error),
  );
  const changed = new Set<string>();
  for (const record of records) {
    if (isRecorded(record)) continue;
    writeRecord(record);
    changed.add(recordName(record.guest));
  }
  rebuildClaims(allClaims(records));
  const rejected = await loading;
  const settled = settle(records, rejected);
  if (left === undefined) assertEntrances(backend);
  else {
    assertAnchors(state.mark, true, backend);
    removeLeft(left, backend);
  }
  writeHostState({ ...state, ...choice });
  return { records: settled, changed: new Set([...changed, ...rejected.keys()]) };
}

async function runAll(steps: ReturnType<typeof loadingOf>, doing: string): Promise<void> {
  for (const step of steps) {
    try {
      await runPatiently(step, doing);
    } catch (error) {
      throw withAdvice(error, step);
    }
  }
}

function loadingOf(
  backend: Backend,
  { networks }: Pick<HostState, 'networks'>,
  records: readonly Record[],
  mark: number,
) {
  return rebuildSteps(backend, {
    guests: records.map(partOf),
    networks: elementsOfNetworks(networks),
    mark,
  });
}

/** One guest that the kernel refuses must not keep the others from their rules. */
function loadOneByOne(
  backend: Backend,
  state: Pick<HostState, 'networks'>,
  records: readonly Record[],
  mark: number,
  doing: string,
  error: unknown,
): Rejected {
  if (!(error instanceof CommandError) || error.failure.exitCode === undefined) throw error;
  const rejected = new Map<string, string>();
  runSteps(loadingOf(backend, state, [], mark), doing);
  for (const record of records) {
    try {
      const change = { before: undefined, after: record };
      runSteps(stepsOf(backend, [change], state.networks, state.networks, mark), doing);
    } catch (reason) {
      rejected.set(recordName(record.guest), messageOf(reason));
    }
  }
  return rejected;
}

/** Says in the records what the kernel holds, where they say something else. */
function settle(records: readonly Record[], rejected: Rejected): Record[] {
  return records.map((record) => {
    const problem = rejected.get(recordName(record.guest));
    if (problem === undefined && !record.pending) return record;
    const problems = problem === undefined ? record.problems : [...record.problems, problem];
    const elements = problem === undefined ? record.elements : [];
    const settled = { ...record, elements, pending: false, problems };
    writeRecord(settled);
    return settled;
  });
}

function allClaims(records: readonly Record[]): IndexedClaim[] {
  return records.flatMap((record) => {
    const holder = recordName(record.guest);
    return record.elements.flatMap((element) => {
      const claim = claimOf(element);
      return claim === undefined ? [] : [{ claim, holder }];
    });
  });
}

/** Whether our own chains are there: somebody may have flushed the ruleset, or only its rules. */
export function standsWhole(): boolean {
  const state = readHostState();
  const backend = backendInUse(state);
  const whole = { networks: elementsOfNetworks(state.networks), mark: state.mark ?? defaultHostPolicy.mark };
  const ports =
    !hasProgram('nft') ||
    recordedVifTables().every((table) => tryRun(listChain(table, 'check')) !== undefined);
  return ports && recordedFamilies().every((family) => backend.stands(tryRun(backend.probe(family, whole))));
}
