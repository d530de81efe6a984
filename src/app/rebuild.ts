import { claimOf } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { rebuildClaims } from '../system/claims.ts';
import {
  type HostState,
  type Record,
  readHostState,
  readRecords,
  recordName,
  writeHostState,
  writeRecord,
} from '../system/records.ts';
import { run, tryRun } from '../system/run.ts';
import { assertAnchors, look } from './anchors.ts';
import { backend, labelled, networkLabelled } from './kernel.ts';
import { tolerate } from './tolerate.ts';

/**
 * Makes our part of the kernel's ruleset anew, in one transaction, from the records: what to do when the two
 * disagree, whoever flushed what. To be called with the lock held.
 *
 * @param mark another bit than before, if the configuration says so
 * @param closing the name of a record whose elements go, even where that could not be written down
 */
export function rebuild(doing: string, mark?: number, closing?: string): Rejected {
  const state = readHostState();
  const records = readRecords().filter(({ guest }) => recordName(guest) !== closing);
  const bit = mark ?? state.mark ?? defaultHostPolicy.mark;
  const rejected = load(state, records, bit, doing);
  if (bit !== state.mark) {
    writeHostState({ ...state, mark: bit });
    assertAnchors(bit, look(), true);
  }
  if (closing === undefined) settle(records, rejected);
  else tolerate(() => settle(records, rejected));
  return rejected;
}

/** What the kernel would not take, by the name of the guest's record, and why. */
export type Rejected = ReadonlyMap<string, string>;

/**
 * One transaction for all. If it is refused, the guests are added one by one: one of them must not keep the
 * others from their rules.
 */
function load(state: HostState, records: readonly Record[], mark: number, doing: string): Rejected {
  const networks = networkLabelled(state.networks);
  const rejected = new Map<string, string>();
  try {
    run(backend.rebuild([...networks, ...records.flatMap(labelled)], mark), doing);
  } catch (error) {
    if (!(error instanceof CommandError) || error.failure.exitCode === undefined) throw error;
    run(backend.rebuild(networks, mark), doing);
    for (const record of records) {
      try {
        if (record.elements.length > 0) run(backend.change([], labelled(record)), doing);
      } catch (reason) {
        rejected.set(recordName(record.guest), messageOf(reason));
      }
    }
  }
  return rejected;
}

/** Says in records and claims what the kernel holds. */
function settle(records: readonly Record[], rejected: Rejected): void {
  const settled = records.map((record) => {
    const problem = rejected.get(recordName(record.guest));
    if (problem === undefined) return { ...record, pending: false };
    return { ...record, elements: [], pending: false, problems: [...record.problems, problem] };
  });
  settled.forEach((record, index) => {
    if (records[index]?.pending === true || rejected.size > 0) writeRecord(record);
  });
  rebuildClaims(
    settled.flatMap((record) =>
      record.elements.flatMap((element) => {
        const claim = claimOf(element);
        return claim === undefined ? [] : [{ claim, holder: recordName(record.guest) }];
      }),
    ),
  );
}

/** Whether our own chains are there: somebody may have flushed the ruleset, or only its rules. */
export function standsWhole(): boolean {
  return backend.stands(tryRun(backend.probe) ?? '');
}
