import { anchorPlaces } from '../backends/anchors.ts';
import type { Labelled } from '../backends/backend.ts';
import { label } from '../backends/names.ts';
import { nftables } from '../backends/nftables/transaction.ts';
import { claimOf } from '../model/element.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { rebuildClaims } from '../system/claims.ts';
import { hasLegacyFilter, hasProgram } from '../system/host.ts';
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
import { tolerate } from './tolerate.ts';

/** The back end in use. */
export const backend = nftables;

/** A guest's elements, labelled with its name. */
export function labelled({ guest, elements }: Pick<Record, 'guest' | 'elements'>): Labelled[] {
  const name = label(guest.name);
  return elements.map((element) => ({ element, label: name }));
}

export function networkLabelled(networks: HostState['networks']): Labelled[] {
  return Object.values(networks).flatMap((elements) => elements.map((element) => ({ element })));
}

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
    assertAnchors(bit, true);
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

/** Whether a transaction failed because the kernel holds other elements than the records say. */
export function disagrees(error: unknown): boolean {
  return (
    error instanceof CommandError &&
    /No such file or directory|File exists|does not exist/.test(error.failure.stderr)
  );
}

/**
 * Puts our anchor first in every foreign chain that could reject what we admit, where it is not.
 *
 * @param always also where it stands first already: its chain is written anew
 * @returns what could not be done
 */
export function assertAnchors(mark: number, always = false): string[] {
  const problems: string[] = [];
  for (const place of places()) {
    const state = place.judge(tryRun(place.list));
    if (!state.needed || (state.first && !always)) continue;
    try {
      run(place.assert(state, mark), `putting the accept first in ${place.name}`);
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return problems;
}

/** Whether our own chains are there: somebody may have flushed the ruleset, or only its rules. */
export function standsWhole(): boolean {
  return backend.stands(tryRun(backend.probe) ?? '');
}

/** Takes the anchors away. */
export function removeAnchors(): void {
  for (const place of places()) {
    const state = place.judge(tryRun(place.list));
    if (state.found.length > 0) run(place.remove(state), `removing the accept from ${place.name}`);
  }
}

/** Where the anchors stand: for `check` and `status`. */
export function anchorStates() {
  return places().map((place) => ({ name: place.name, ...place.judge(tryRun(place.list)) }));
}

function places() {
  return anchorPlaces({
    legacyFilter: hasLegacyFilter(),
    iptables: hasProgram('iptables-nft-restore', 'iptables-restore'),
  });
}
