import { CommandError } from '../model/problem.ts';
import { type HostState, nameInUse, readHostState, writeHostState } from '../state/host-state.ts';
import { type Journal, readJournal } from '../state/journal.ts';
import { bestEffort } from '../system/best-effort.ts';
import { backendNamed, otherBackend } from './backend-choice.ts';
import type { GuestChange, GuestResult, HostChange } from './change.ts';
import { disagrees, runStepsTelling, stepsOf } from './kernel.ts';
import { rebuildKernel } from './rebuild.ts';
import {
  type AppliedToKernel,
  begin,
  commit,
  orAll,
  pendingNames,
  rollBack,
  sameNetworks,
  settleJournal,
} from './transaction-files.ts';
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
    const cause = error instanceof Untouched ? error.cause : error;
    for (const change of going) rollBack(change, cause);
    if (!sameNetworks(recorded, host))
      bestEffort('restoring what is noted of networks', () =>
        writeHostState({ ...readHostState(), networks: recorded.networks }),
      );
    const untouched = error instanceof Untouched && !rebuild;
    settleJournal(begun.transaction, untouched ? journal.pending : orAll(names));
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
  { mark, backend }: HostChange,
): boolean {
  return (
    pending.length > 0 ||
    // Nobody knows what such a guest has in the kernel.
    changes.some(({ before }) => before?.unreadable !== undefined) ||
    otherBackend(recorded, backend) !== undefined ||
    (recorded.mark !== undefined && recorded.mark !== mark)
  );
}

interface ApplyOptions extends TransactionOptions {
  readonly doing: string;
  readonly write: () => void;
}

/** The kernel becomes what the records say. */
async function apply(
  changes: readonly GuestChange[],
  host: HostChange,
  recorded: HostState,
  { doing, rebuild, patient, write }: ApplyOptions,
): Promise<AppliedToKernel> {
  const again = async () => {
    const refused = await rebuildKernel(changes, host, { doing, patient: patient === true, write });
    return { refused, rebuilt: true };
  };
  const done = { refused: new Map(), rebuilt: false };
  if (rebuild === true) return again();
  const backend = await backendNamed(host.backend);
  const steps = stepsOf(backend, changes, host.networks, recorded.networks, host.mark);
  if (steps.length === 0) return done;
  // Nothing of ours is there yet that could be changed.
  if (nameInUse(recorded) === undefined) return again();
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
