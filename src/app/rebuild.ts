import { listChain } from '../backends/nftables/listing.ts';
import type { KernelCommand } from '../model/command.ts';
import { claimOf } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { type IndexedClaim, rebuildClaims } from '../system/claims.ts';
import { recordedVifTables } from '../system/recorded-vifs.ts';
import {
  type HostState,
  isRecorded,
  type Record,
  readHostState,
  readRecords,
  recordedFamilies,
  recordName,
  writeHostState,
  writeRecord,
} from '../system/records.ts';
import { run, tryRun } from '../system/run.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { assertAnchors } from './anchors.ts';
import { backend, labelled, networkLabelled } from './kernel.ts';
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
  const load = loadingOf(state, records, bit);
  let rejected: Rejected = new Map();
  try {
    run(load, doing);
  } catch (error) {
    rejected = loadOneByOne(state, records, bit, doing, error);
  }
  // Networks alone need no accept, and before the first guest there is none to be made anew.
  if (bit !== state.mark && (state.mark !== undefined || records.length > 0)) assertAnchors(bit, true);
  const settled = () => {
    settle(records, rejected);
    rebuildClaims(allClaims(records.filter(({ guest }) => !rejected.has(recordName(guest)))));
    const { rebuilding: _, ...rest } = state;
    if (bit !== state.mark || state.rebuilding) writeHostState({ ...rest, mark: bit });
  };
  if (emptied.size === 0) settled();
  else tolerate(settled);
  return rejected;
}

/**
 * The same for records that are not written yet: they are while the kernel loads its rules.
 *
 * @returns the records as they are now
 */
export async function rebuildWith(
  records: readonly Record[],
  state: HostState & { readonly mark: number },
  doing: string,
): Promise<readonly Record[]> {
  writeHostState({ ...state, rebuilding: true });
  const loading = runPatiently(loadingOf(state, records, state.mark), doing).then(
    () => new Map<string, string>(),
    (error: unknown) => loadOneByOne(state, records, state.mark, doing, error),
  );
  for (const record of records) if (!isRecorded(record)) writeRecord(record);
  rebuildClaims(allClaims(records));
  const settled = settle(records, await loading);
  writeHostState(state);
  return settled;
}

function loadingOf(state: HostState, records: readonly Record[], mark: number): KernelCommand {
  return backend.rebuild([...networkLabelled(state.networks), ...records.flatMap(labelled)], mark);
}

/** One guest that the kernel refuses must not keep the others from their rules. */
function loadOneByOne(
  state: HostState,
  records: readonly Record[],
  mark: number,
  doing: string,
  error: unknown,
): Rejected {
  if (!(error instanceof CommandError) || error.failure.exitCode === undefined) throw error;
  const rejected = new Map<string, string>();
  run(loadingOf(state, [], mark), doing);
  for (const record of records) {
    try {
      if (record.elements.length > 0) run(backend.change([], labelled(record)), doing);
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
  const ports = recordedVifTables().every((family) => tryRun(listChain(family, 'check')) !== undefined);
  return ports && recordedFamilies().every((family) => backend.stands(tryRun(backend.probe(family)) ?? ''));
}
