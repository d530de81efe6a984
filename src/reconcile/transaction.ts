import { type Claim, claimOf } from '../model/element.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { replaceClaims } from '../state/claims.ts';
import { type HostState, readHostState, writeHostState } from '../state/host-state.ts';
import { type Journal, readJournal, writeJournal } from '../state/journal.ts';
import { type GuestRecord, removeRecord, writeRecord } from '../state/records.ts';
import { bestEffort } from '../system/best-effort.ts';
import { nameInUse, otherBackend, wantedBackend } from './backend-choice.ts';
import type { GuestChange, HostChange } from './change.ts';
import { switchHairpin, withHairpinPorts } from './hairpin.ts';
import { disagrees, runStepsTelling, stepsOf } from './kernel.ts';
import { switchLoopback, withLoopbackBridges } from './loopback.ts';
import { type Rejected, rebuildKernel } from './rebuild.ts';
import { setHostStateAsideIfUnreadable } from './unreadable.ts';

/*
 * The only writer: records, claims, the host's state and the kernel's rules change here and nowhere else, always in
 * this order, with the lock held:
 *
 *   begin      the journal names what is about to change; then networks, claims and records
 *   apply      the kernel, in one transaction of the back end
 *   commit     bridge ports, claims; records of removed guests go; the journal says that all agree
 *   roll back  where the kernel refuses: the records say what they said before
 *
 * A process that is killed anywhere leaves names in the journal, and the next transaction makes the kernel's rules again
 * from the records.
 */

export interface TransactionOptions {
  /** For messages, where it is not the guests' own. */
  readonly doing?: string;
  /** Make all of our rules again, whatever the journal says. */
  readonly rebuild?: boolean;
  /** A person waits, not libvirt: the kernel may take its time. */
  readonly patient?: boolean;
}

/** What a guest has in the end: `settled` is its record, less what the kernel refused. */
export type GuestResult =
  | { readonly change: GuestChange; readonly settled: GuestRecord }
  | { readonly change: GuestChange; readonly failed: unknown };

/** Carries it all out. What fails for one guest is no matter to the others. */
export async function transact(
  changes: readonly GuestChange[],
  host: HostChange,
  options: TransactionOptions = {},
): Promise<GuestResult[]> {
  const journal = readJournal();
  const recorded = readHostState();
  // Nothing is known of the kernel: was it ever?
  if (recorded.mark === undefined) await setHostStateAsideIfUnreadable();
  const doing = options.doing ?? describe(changes);
  const rebuild = options.rebuild === true || mustRebuild(changes, journal, recorded, host);
  const begun = begin(changes, host, recorded, journal, rebuild && options.patient === true);
  const { going, failed } = begun;
  const names = pendingNames(going, recorded, host);
  let kernel: AppliedToKernel;
  try {
    kernel = await apply(going, host, recorded, { ...options, rebuild, doing, write: begun.write });
  } catch (error) {
    for (const change of going) rollBack(change, error);
    if (!sameNetworks(recorded, host))
      bestEffort(() => writeHostState({ ...readHostState(), networks: recorded.networks }));
    const untouched = error instanceof Untouched && !rebuild;
    settleJournal(begun.transaction, untouched ? journal.pending : names);
    const cause = error instanceof Untouched ? error.cause : error;
    if (changes.length === 0) throw cause;
    if (going.length <= 1 || !isRefusal(cause))
      return [...failed, ...going.map((change) => ({ change, failed: cause }))];
    // One of them is at fault: the others are not to suffer from it.
    const one = (change: GuestChange) => transact([change], host, { ...options, doing: change.doing });
    const results: GuestResult[] = [...failed];
    for (const change of going) results.push(...(await one(change)));
    return results;
  }
  const results = going.map((change) => commit(change, kernel));
  const open = results.flatMap((result) => ('failed' in result ? [result.change.name] : []));
  settleJournal(begun.transaction, open);
  return [...failed, ...results];
}

/** Nothing was changed in the kernel: the program refused before it did anything. */
class Untouched extends Error {}

function mustRebuild(
  changes: readonly GuestChange[],
  { pending }: Journal,
  recorded: HostState,
  { mark }: HostChange,
): boolean {
  return (
    pending.length > 0 ||
    // Nobody knows what such a guest has in the kernel.
    changes.some(({ before }) => before?.unreadable !== undefined) ||
    otherBackend(recorded) !== undefined ||
    (recorded.mark !== undefined && recorded.mark !== mark)
  );
}

interface Begun {
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
function begin(
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
      bestEffort(() =>
        change.before === undefined ? removeRecord(change.after.guest) : writeRecord(change.before),
      );
      return false;
    }
  });
  return { transaction, going, failed, write: () => {} };
}

interface ApplyOptions extends TransactionOptions {
  readonly doing: string;
  readonly write: () => void;
}

interface AppliedToKernel {
  /** What the kernel refused, by the name of the guest's record, and why. */
  readonly refused: Rejected;
  /** All of our rules were made again, and the index of claims with them. */
  readonly rebuilt: boolean;
}

/** The kernel becomes what the records say. */
async function apply(
  changes: readonly GuestChange[],
  { networks, mark }: HostChange,
  recorded: HostState,
  { doing, rebuild, patient, write }: ApplyOptions,
): Promise<AppliedToKernel> {
  const again = async () => {
    const refused = await rebuildKernel(
      changes,
      { networks, mark },
      { doing, patient: patient === true, write },
    );
    return { refused, rebuilt: true };
  };
  const done = { refused: new Map(), rebuilt: false };
  if (rebuild === true) return again();
  const backend = wantedBackend(recorded);
  const steps = stepsOf(backend, changes, networks, recorded.networks, mark);
  if (steps.length === 0) return done;
  // Nothing of ours is there yet that could be changed.
  if (nameInUse(recorded) === undefined) return again();
  const failure = runStepsTelling(steps, doing);
  if (failure === undefined) return done;
  if (disagrees(failure.error, backend)) return again();
  throw failure.untouched ? new Untouched(doing, { cause: failure.error }) : failure.error;
}

/** The kernel holds what it held before, or nobody knows: the record says what it said, and why. */
function rollBack({ name, before, after }: GuestChange, error: unknown): void {
  const cause = error instanceof Untouched ? error.cause : error;
  const problems = [...after.problems, messageOf(cause)];
  bestEffort(() => writeRecord({ ...after, elements: before?.elements ?? [], problems }));
  bestEffort(() => replaceClaims(name, [...claimsOf(before), ...claimsOf(after)], claimsOf(before)));
}

/** Says in the record what the kernel holds, and does what goes with it. */
function commit(change: GuestChange, { refused: all, rebuilt }: AppliedToKernel): GuestResult {
  const { name, before, after, closing } = change;
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
    if (closing) {
      switchHairpin(before ?? after, false);
      switchLoopback(before ?? after, false);
      removeRecord(after.guest);
    }
    return { change, settled };
  } catch (error) {
    return { change, failed: error };
  }
}

function settleJournal(transaction: number, pending: readonly string[]): void {
  // Where that cannot be written, the next transaction makes all again: nothing is lost.
  bestEffort(() => writeJournal({ transaction, pending }));
}

function pendingNames(changes: readonly GuestChange[], recorded: HostState, host: HostChange): string[] {
  return [...changes.map(({ name }) => name), ...(sameNetworks(recorded, host) ? [] : ['networks'])];
}

/** A transaction that makes all rules again names no guest. */
function orAll(names: readonly string[]): readonly string[] {
  return names.length > 0 ? names : ['all'];
}

function sameNetworks(recorded: HostState, { networks }: HostChange): boolean {
  return JSON.stringify(recorded.networks) === JSON.stringify(networks);
}

function describe(changes: readonly GuestChange[]): string {
  return changes.length === 1 ? (changes[0]?.doing ?? '') : `changing rules of ${changes.length} guests`;
}

/** Where something is removed, a full disk does not keep it in place. */
function noting(change: GuestChange, action: () => void): void {
  if (isEmptied(change)) bestEffort(action);
  else action();
}

function isEmptied({ after }: GuestChange): boolean {
  return after.elements.length === 0;
}

function isRefusal(error: unknown): boolean {
  return error instanceof CommandError && error.failure.exitCode !== undefined;
}

function claimsOf(record: GuestRecord | undefined): Claim[] {
  return (record?.elements ?? []).flatMap((element) => claimOf(element) ?? []);
}
