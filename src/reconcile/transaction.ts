import { rulesetEdition } from '../backends/names.ts';
import { CommandError } from '../model/problem.ts';
import { type HostState, nameInUse, readHostState, writeHostState } from '../state/host-state.ts';
import { type Journal, readJournal } from '../state/journal.ts';
import { bestEffort } from '../system/best-effort.ts';
import { backendNamed, otherBackend } from './backend-choice.ts';
import type { GuestChange, GuestResult, HostChange } from './change.ts';
import { disagrees, runStepsTelling, stepsOf } from './kernel.ts';
import { removeLostServices } from './service-rules.ts';
import {
  type AppliedToKernel,
  begin,
  commit,
  orAll,
  pendingNames,
  sameNetworks,
  settleJournal,
} from './transaction-files.ts';
import { repairNeededIfUnreadable, setHostStateAsideIfUnreadable } from './unreadable.ts';
import { noteUplinksOf } from './uplinks-noted.ts';

/*
 * The only writer of records, claims, the host's state and guestgate's own tables or chains, with the lock held, in this
 * order (a replay writes the records while the kernel works; head rules follow, see `head-rules.ts`):
 *
 *   begin      the journal names what is about to change; then networks, claims and records
 *   apply      the kernel, in one transaction of the back end
 *   commit     bridge ports, claims; records of removed guests go; the journal says that all agree
 *   roll back  if the kernel refuses: the records get their old elements back
 *
 * A process that is killed at any point leaves names in the journal; the next transaction then rebuilds the kernel's
 * rules from the records.
 */

export interface TransactionOptions {
  /** The task, for messages; by default that of the guests. */
  readonly doing?: string;
  /** Rebuild all rules, whatever the journal says. */
  readonly rebuild?: boolean;
  /** A person waits, not libvirt: longer time limits. */
  readonly patient?: boolean;
}

/** What a transaction begins with. Read once, with the lock held: only the next transaction changes it. */
export interface TransactionFiles {
  readonly journal: Journal;
  readonly recorded: HostState;
}

/** Needs the lock. */
export function readTransactionFiles(): TransactionFiles {
  return { journal: readJournal(), recorded: readHostState() };
}

/**
 * Carries out all changes. A failure of one guest does not affect the others.
 *
 * @param files read since the last transaction
 */
export async function transact(
  changes: readonly GuestChange[],
  host: HostChange,
  { journal, recorded }: TransactionFiles,
  options: TransactionOptions = {},
): Promise<GuestResult[]> {
  // No mark: the first transaction since boot, or a state file that cannot be read.
  if (recorded.mark === undefined) await setHostStateAsideIfUnreadable();
  await repairNeededIfUnreadable();
  noteUplinksOf(changes, host);
  const doing = options.doing ?? describe(changes);
  const rebuild = options.rebuild === true || mustRebuild(changes, journal, recorded, host);
  const begun = begin(changes, host, recorded, journal, rebuild && options.patient === true);
  const { going, failed } = begun;
  const names = pendingNames(going, recorded, host);
  let kernel: AppliedToKernel;
  try {
    kernel = await apply(going, host, recorded, { ...options, rebuild, doing, write: begun.write });
  } catch (error) {
    const cause = error instanceof Untouched ? error.cause : error;
    const { rollBack, failedElements } = await failing();
    const backend = await backendNamed(host.backend);
    for (const change of going)
      rollBack(change, cause, going.length === 1 ? failedElements(change, cause, backend, host) : undefined);
    if (!sameNetworks(recorded, host))
      bestEffort('restoring the networks in the host state', () =>
        writeHostState({ ...readHostState(), networks: recorded.networks }),
      );
    const untouched = error instanceof Untouched && !rebuild;
    settleJournal(begun, untouched ? journal.pending : orAll(names));
    if (changes.length === 0) throw cause;
    if (going.length <= 1 || !(cause instanceof CommandError) || cause.failure.notInstalled === true)
      return [...failed, ...going.map((change) => ({ change, failed: cause }))];
    return [...failed, ...(await transactEach(going, host, options))];
  }
  await removeLostServices(recorded, host);
  const results = going.map((change) => commit(change, kernel));
  const unfinished = results.flatMap((result) => ('failed' in result ? [result.change.name] : []));
  settleJournal(begun, unfinished);
  return [...failed, ...results];
}

/**
 * One guest is at fault: each gets a transaction of its own, so that the others are applied. Small ones come first. If a
 * program takes too long for one, it would for all that follow: these wait.
 */
export async function transactEach(
  changes: readonly GuestChange[],
  host: HostChange,
  { patient = false }: TransactionOptions = {},
): Promise<GuestResult[]> {
  const results: GuestResult[] = [];
  let hung: unknown;
  for (const change of [...changes].sort((a, b) => sizeOf(a) - sizeOf(b))) {
    if (hung !== undefined) {
      results.push({ change, failed: hung });
      continue;
    }
    const options = { patient, doing: change.doing };
    const done = await transact([change], host, readTransactionFiles(), options);
    results.push(...done);
    hung = done.flatMap((result) =>
      'failed' in result && !isRefusal(result.failed) ? [result.failed] : [],
    )[0];
  }
  return results;
}

function sizeOf({ before, after }: GuestChange): number {
  return (before?.elements.length ?? 0) + after.elements.length;
}

/** Loaded only after a failure: most events do not need it. */
async function failing() {
  const [{ rollBack }, { failedElements }] = await Promise.all([
    import('./roll-back.ts'),
    import('./set-aside.ts'),
  ]);
  return { rollBack, failedElements };
}

/** The kernel's rules are unchanged: the program failed before its first change. */
class Untouched extends Error {}

function mustRebuild(
  changes: readonly GuestChange[],
  { pending }: Journal,
  recorded: HostState,
  { mark, backend }: HostChange,
): boolean {
  return (
    pending.length > 0 ||
    // Without a readable record, the guest's rules in the kernel are unknown.
    changes.some(({ before }) => before?.unreadable !== undefined) ||
    otherBackend(recorded, backend) !== undefined ||
    (recorded.mark !== undefined && (recorded.mark !== mark || recorded.edition !== rulesetEdition))
  );
}

interface ApplyOptions extends TransactionOptions {
  readonly doing: string;
  readonly write: () => void;
}

/** Changes the kernel's rules to match the records. */
async function apply(
  changes: readonly GuestChange[],
  host: HostChange,
  recorded: HostState,
  { doing, rebuild, patient, write }: ApplyOptions,
): Promise<AppliedToKernel> {
  const again = async () => {
    // Most events rebuild nothing: what that needs is not loaded for them.
    const { rebuildKernel } = await import('./rebuild.ts');
    const refused = await rebuildKernel(changes, host, { doing, patient: patient === true, write });
    return { refused, rebuilt: true };
  };
  const done = { refused: new Map(), rebuilt: false };
  if (rebuild === true) return again();
  const backend = await backendNamed(host.backend);
  const steps = stepsOf(backend, changes, host.networks, recorded.networks, host.mark);
  const isFirst = nameInUse(recorded) === undefined;
  if (steps.length === 0 && !(isFirst && changes.some(({ after }) => after.elements.length > 0))) return done;
  // No rules of guestgate exist yet.
  if (isFirst) return again();
  const failure = runStepsTelling(steps, doing);
  if (failure === undefined) return done;
  if (disagrees(failure.error, backend)) return again();
  throw failure.untouched ? new Untouched(doing, { cause: failure.error }) : failure.error;
}

function describe(changes: readonly GuestChange[]): string {
  return changes.length === 1 ? (changes[0]?.doing ?? '') : `changing rules of ${changes.length} guests`;
}

function isRefusal(error: unknown): boolean {
  return error instanceof CommandError && error.failure.exitCode !== undefined;
}
