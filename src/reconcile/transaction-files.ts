import type { AnyClaim } from '../model/claim.ts';
import { distinctClaims } from '../model/element-claims.ts';
import { replaceClaims } from '../state/claims.ts';
import { type HostState, writeHostState } from '../state/host-state.ts';
import { type Journal, writeJournal } from '../state/journal.ts';
import { noteNeeded } from '../state/needed-tables.ts';
import { type GuestRecord, removeRecord, writeRecord } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import type { GuestChange, GuestResult, HostChange } from './change.ts';
import { switchHairpin, withHairpinPorts } from './hairpin.ts';
import { switchLoopback, withLoopbackBridges } from './loopback.ts';
import type { Refusal, Rejected } from './rebuild-load.ts';

/*
 * The files of a transaction, written before the kernel changes, after it, and if the kernel refuses. Only
 * `transaction.ts` calls these functions.
 */

export interface Begun {
  readonly transaction: number;
  /** See `Journal`. */
  readonly refused: readonly string[];
  readonly going: readonly GuestChange[];
  readonly failed: readonly GuestResult[];
  /** Writes the records, if they are written while the kernel works; the index of claims follows. */
  readonly write: () => void;
}

/**
 * Writes into the files what the kernel will hold; old claims stay until it does. A full disk does not prevent removals.
 *
 * @param late whether records are written while the kernel works, because thousands of them take time
 */
export function begin(
  changes: readonly GuestChange[],
  host: HostChange,
  recorded: HostState,
  journal: Journal,
  late: boolean,
): Begun {
  const transaction = journal.transaction + 1;
  const refused = refusedAfter(journal, changes);
  const failed: GuestResult[] = [];
  let diskError: unknown;
  try {
    writeJournal({ transaction, pending: orAll(pendingNames(changes, recorded, host)), refused });
    if (!sameNetworks(recorded, host)) writeHostState({ ...recorded, networks: host.networks });
    noteNeeded(changes.flatMap(({ after }) => after.elements));
  } catch (error) {
    diskError = error;
  }
  // A rebuild that cannot be recorded is useless, unless it only removes rules.
  if (diskError !== undefined && late && !changes.every(isEmptied)) throw diskError;
  const prepared = changes.map((change) => {
    const after = { ...change.after, generation: transaction };
    const [ports = after] = after.elements.length > 0 ? withLoopbackBridges(withHairpinPorts([after])) : [];
    return { ...change, after: ports };
  });
  const writable = prepared.filter((change) => {
    if (diskError === undefined || isEmptied(change)) return true;
    failed.push({ change, failed: diskError });
    return false;
  });
  const writeOne = (change: GuestChange) => {
    const [claimsBefore, added] = [claimsOf(change.before), claimsOf(change.after)];
    if (added.length > 0) replaceClaims(change.name, claimsBefore, [...claimsBefore, ...added]);
    writeRecord(change.after);
  };
  const writeAll = () => {
    for (const { after } of writable) writeRecord(after);
  };
  if (late) return { transaction, refused, going: writable, failed, write: writeAll };
  const going = writable.filter((change) => {
    try {
      writeOne(change);
      return true;
    } catch (error) {
      if (isEmptied(change)) return true;
      failed.push({ change, failed: error });
      bestEffort('restoring the record', () =>
        change.before === undefined ? removeRecord(change.after.guest) : writeRecord(change.before),
      );
      return false;
    }
  });
  return { transaction, refused, going, failed, write: () => {} };
}

export interface AppliedToKernel {
  /** The guests that the kernel refused, by the names of their records, and why. */
  readonly refused: Rejected;
  /** Whether all rules, and the index of claims, were rebuilt. */
  readonly rebuilt: boolean;
}

/** Writes into the record what the kernel holds, switches bridge ports and bridges, and removes the records of removed guests. */
export function commit(change: GuestChange, { refused: all, rebuilt }: AppliedToKernel): GuestResult {
  const { name, before, after, removes } = change;
  const refused = all.get(name);
  const settled = refused === undefined ? after : withoutElements(after, refused);
  try {
    if (settled.elements.length > 0) {
      switchHairpin(settled, true);
      switchLoopback(settled, true);
    }
    updateFiles(change, () => {
      if (settled !== after) writeRecord(settled);
      if (!rebuilt && before !== undefined)
        replaceClaims(name, [...claimsOf(before), ...claimsOf(after)], claimsOf(settled));
    });
    if (removes) {
      switchHairpin(before ?? after, false);
      switchLoopback(before ?? after, false);
      removeRecord(after.guest, before);
    }
    return { change, settled };
  } catch (error) {
    return { change, failed: error };
  }
}

/** A record without the elements that the kernel refused in a rebuild. */
export function withoutElements(record: GuestRecord, { problem, failed }: Refusal): GuestRecord {
  return { ...record, elements: [], problems: [...record.problems, problem], failed };
}

/** The refused guests after a transaction that gives the changed guests their new records. */
function refusedAfter({ refused }: Journal, changes: readonly GuestChange[]): readonly string[] {
  const changing = new Set(changes.map(({ name }) => name));
  return [
    ...refused.filter((name) => !changing.has(name)),
    ...changes.flatMap(({ name, after, removes }) =>
      !removes && after.problems.some(({ kind }) => kind === 'conflict') ? [name] : [],
    ),
  ];
}

export function settleJournal(
  { transaction, refused }: Pick<Journal, 'transaction' | 'refused'>,
  pending: readonly string[],
): void {
  // If this fails, the next transaction rebuilds all rules: nothing is lost.
  bestEffort('settling the journal', () => writeJournal({ transaction, pending, refused }));
}

export function pendingNames(
  changes: readonly GuestChange[],
  recorded: HostState,
  host: HostChange,
): string[] {
  return [...changes.map(({ name }) => name), ...(sameNetworks(recorded, host) ? [] : ['networks'])];
}

/** A rebuild without changes names no guest: the journal then says `all`. */
export function orAll(names: readonly string[]): readonly string[] {
  return names.length > 0 ? names : ['all'];
}

export function sameNetworks(recorded: HostState, { networks }: HostChange): boolean {
  return JSON.stringify(recorded.networks) === JSON.stringify(networks);
}

/** A full disk does not prevent removals. */
function updateFiles(change: GuestChange, action: () => void): void {
  if (isEmptied(change)) bestEffort('recording the removal', action);
  else action();
}

function isEmptied({ after }: GuestChange): boolean {
  return after.elements.length === 0;
}

export function claimsOf(record: GuestRecord | undefined): AnyClaim[] {
  return distinctClaims(record?.elements ?? []);
}
