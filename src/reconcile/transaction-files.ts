import { type Claim, claimOf } from '../model/element.ts';
import { aboutGuest, failure } from '../model/finding.ts';
import { replaceClaims } from '../state/claims.ts';
import { type HostState, readHostState, writeHostState } from '../state/host-state.ts';
import { type Journal, writeJournal } from '../state/journal.ts';
import { type GuestRecord, removeRecord, writeRecord } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import type { GuestChange, GuestResult, HostChange } from './change.ts';
import { switchHairpin, withHairpinPorts } from './hairpin.ts';
import { switchLoopback, withLoopbackBridges } from './loopback.ts';
import type { Rejected } from './rebuild-load.ts';

/*
 * The files' side of a transaction: what is written before the kernel changes, after it, and where it refuses. See
 * `transaction.ts`, which alone calls it.
 */

export interface Begun {
  readonly transaction: number;
  readonly going: readonly GuestChange[];
  readonly failed: readonly GuestResult[];
  /** Writes the records, where they are written while the kernel is at work; the index of claims is made after. */
  readonly write: () => void;
}

/**
 * Says in the files what the kernel is about to hold; claims of before stay until it does. Where something is removed, a
 * full disk does not keep it in place.
 *
 * @param late records are written while the kernel works: thousands of them take their time
 */
export function begin(
  changes: readonly GuestChange[],
  host: HostChange,
  recorded: HostState,
  journal: Journal,
  late: boolean,
): Begun {
  const transaction = journal.transaction + 1;
  const failed: GuestResult[] = [];
  let broken: unknown;
  try {
    writeJournal({ transaction, pending: orAll(pendingNames(changes, recorded, host)) });
    if (!sameNetworks(recorded, host)) writeHostState({ ...readHostState(), networks: host.networks });
  } catch (error) {
    broken = error;
  }
  // To make all again is of no use where nothing can be written down.
  if (broken !== undefined && late && !changes.every(isEmptied)) throw broken;
  const prepared = changes.map((change) => {
    const after = { ...change.after, generation: transaction };
    const [ports = after] = after.elements.length > 0 ? withLoopbackBridges(withHairpinPorts([after])) : [];
    return { ...change, after: ports };
  });
  const writable = prepared.filter((change) => {
    if (broken === undefined || isEmptied(change)) return true;
    failed.push({ change, failed: broken });
    return false;
  });
  const writeOne = (change: GuestChange) => {
    const had = claimsOf(change.before);
    replaceClaims(change.name, had, [...had, ...claimsOf(change.after)]);
    writeRecord(change.after);
  };
  const writeAll = () => {
    for (const { after } of writable) writeRecord(after);
  };
  if (late) return { transaction, going: writable, failed, write: writeAll };
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
  return { transaction, going, failed, write: () => {} };
}

export interface AppliedToKernel {
  /** What the kernel refused, by the name of the guest's record, and why. */
  readonly refused: Rejected;
  /** All of our rules were made again, and the index of claims with them. */
  readonly rebuilt: boolean;
}

/** The kernel holds what it held before, or nobody knows: the record says what it said, and why. */
export function rollBack({ name, before, after }: GuestChange, error: unknown): void {
  const problems = [...after.problems, failure(aboutGuest(after.guest), error, 'refused')];
  bestEffort('noting in the record what was refused', () =>
    writeRecord({ ...after, elements: before?.elements ?? [], problems }),
  );
  bestEffort('restoring the claims', () =>
    replaceClaims(name, [...claimsOf(before), ...claimsOf(after)], claimsOf(before)),
  );
}

/** Says in the record what the kernel holds, and does what goes with it. */
export function commit(change: GuestChange, { refused: all, rebuilt }: AppliedToKernel): GuestResult {
  const { name, before, after, removes } = change;
  const refused = all.get(name);
  const settled =
    refused === undefined ? after : { ...after, elements: [], problems: [...after.problems, refused] };
  try {
    if (settled.elements.length > 0) {
      switchHairpin(settled, true);
      switchLoopback(settled, true);
    }
    noting(change, () => {
      if (settled !== after) writeRecord(settled);
      if (!rebuilt && before !== undefined)
        replaceClaims(name, [...claimsOf(before), ...claimsOf(after)], claimsOf(settled));
    });
    if (removes) {
      switchHairpin(before ?? after, false);
      switchLoopback(before ?? after, false);
      removeRecord(after.guest);
    }
    return { change, settled };
  } catch (error) {
    return { change, failed: error };
  }
}

export function settleJournal(transaction: number, pending: readonly string[]): void {
  // Where that cannot be written, the next transaction makes all again: nothing is lost.
  bestEffort('settling the journal', () => writeJournal({ transaction, pending }));
}

export function pendingNames(
  changes: readonly GuestChange[],
  recorded: HostState,
  host: HostChange,
): string[] {
  return [...changes.map(({ name }) => name), ...(sameNetworks(recorded, host) ? [] : ['networks'])];
}

/** A transaction that makes all rules again names no guest. */
export function orAll(names: readonly string[]): readonly string[] {
  return names.length > 0 ? names : ['all'];
}

export function sameNetworks(recorded: HostState, { networks }: HostChange): boolean {
  return JSON.stringify(recorded.networks) === JSON.stringify(networks);
}

/** Where something is removed, a full disk does not keep it in place. */
function noting(change: GuestChange, action: () => void): void {
  if (isEmptied(change)) bestEffort('noting what was removed', action);
  else action();
}

function isEmptied({ after }: GuestChange): boolean {
  return after.elements.length === 0;
}

function claimsOf(record: GuestRecord | undefined): Claim[] {
  return (record?.elements ?? []).flatMap((element) => claimOf(element) ?? []);
}
