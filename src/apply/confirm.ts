import { counted } from '../model/counted.ts';
import { keptFiles } from '../model/kept-files.ts';
import { UserError } from '../model/problem.ts';
import {
  type ConfigurationCopy,
  copyOfDisk,
  isSameCopy,
  readApplied,
  writeCopy,
} from '../state/configuration-copy.ts';
import { mayBePending } from '../state/may-be-pending.ts';
import {
  commitPending,
  isDue,
  isRescue,
  type PendingChange,
  readPending,
  removePending,
  secondsLeft,
  writePending,
} from '../state/pending-change.ts';
import { prepareRestore, removePrepared } from '../state/restore-configuration.ts';
import { endRollBackProcess, startRollBackProcess } from '../state/roll-back-process.ts';
import { withConfigurationLock } from '../system/configuration-lock.ts';
import { type RolledBack, rollBackHere, rollBackIfDue } from './roll-back.ts';

/**
 * A change waits from now on: the process runs that rolls it back unless it is confirmed, and everything that it needs is on
 * the disk. Nothing is applied yet. Needs the configuration's lock.
 *
 * @param seconds how long to wait for `guestgate confirm`
 * @param change what the configuration is to be; by default, the files as they are: then they have been edited already
 * @returns undefined if that is what was applied last: nothing waits
 * @throws UserError if another change waits, or the rollback cannot be prepared
 */
export function beginChange(
  seconds: number,
  change?: (before: ConfigurationCopy) => ConfigurationCopy,
): PendingChange | undefined {
  refuseBeside();
  const before = readApplied() ?? firstCopy(change !== undefined);
  const after = change === undefined ? copyOfDisk() : change(copyOfDisk());
  if (isSameCopy(before, after)) return undefined;
  prepareRestore(before, after);
  try {
    const pending = writePending(after, seconds);
    startRollBackProcess();
    return pending;
  } catch (error) {
    removePrepared(before);
    removePending();
    throw error;
  }
}

/** A change that could not be written does not wait. Needs the configuration's lock. */
export function cancelChange(): void {
  removePrepared(readApplied() ?? { stamp: '', files: [] });
  removePending();
  endRollBackProcess();
}

/**
 * Rolls a change back that is due, before a command that changes the configuration or the rules.
 *
 * @throws UserError if a change waits for its confirmation
 */
export async function settlePending(): Promise<RolledBack | undefined> {
  if (!mayBePending()) return undefined;
  const rolledBack = await rollBackIfDue();
  // One that is just rolled back, or confirmed, does not wait when the lock is free.
  await withConfigurationLock(async () => refuseBeside());
  return rolledBack;
}

/** The change that was confirmed, or what was done as it was too late for that. */
export type Confirmed = 'confirmed' | { readonly tooLate: RolledBack };

/** @throws UserError if no change waits */
export async function confirmChange(): Promise<Confirmed> {
  return withConfigurationLock(async () => {
    const state = waiting();
    if (isDue(state)) return { tooLate: await rollBack() };
    if (!isRescue(state)) {
      const before = readApplied();
      commitPending();
      if (before !== undefined) removePrepared(before);
    }
    removePending();
    endRollBackProcess();
    return 'confirmed';
  });
}

/** Rolls the change that waits back now. @throws UserError if no change waits */
export async function rejectChange(): Promise<RolledBack> {
  return withConfigurationLock(async () => {
    waiting();
    return rollBack();
  });
}

async function rollBack(): Promise<RolledBack> {
  const rolledBack = (await rollBackHere()) ?? { files: [], problems: [] };
  endRollBackProcess();
  return rolledBack;
}

function waiting() {
  const state = readPending();
  if (state === undefined)
    throw new UserError(
      'no change waits for confirmation (the log says whether one was rolled back: journalctl -t guestgate)',
    );
  return state;
}

/** @throws UserError if a change waits for its confirmation */
export function refuseBeside(): void {
  const state = readPending();
  if (state === undefined) return;
  const left = counted(Math.ceil(secondsLeft(state)), 'second');
  throw new UserError(
    `another change waits ${left} for its confirmation (guestgate confirm keeps it, guestgate confirm --roll-back undoes it)`,
  );
}

/** @param isUnchanged whether the files are still as they were before the change */
function firstCopy(isUnchanged: boolean): ConfigurationCopy {
  if (!isUnchanged)
    throw new UserError(
      'guestgate has not kept the configuration that is in use, so it could not roll back to it (guestgate apply keeps it: from the next change on, --confirm can be used)',
    );
  const copy = copyOfDisk();
  writeCopy(keptFiles.applied, copy);
  return copy;
}
