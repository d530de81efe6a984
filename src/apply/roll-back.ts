import type { Finding } from '../model/finding.ts';
import { ConfigurationChanged, UserError } from '../model/problem.ts';
import { readApplied } from '../state/configuration-copy.ts';
import {
  isDue,
  isRescue,
  markRestored,
  type PendingState,
  readPending,
  removePending,
} from '../state/pending-change.ts';
import { type RestoredFile, removePrepared, restoreConfiguration } from '../state/restore-configuration.ts';
import { withConfigurationLock } from '../system/configuration-lock.ts';
import { toSystem } from '../system/log-line.ts';
import { applyAll } from './apply-all.ts';
import { undoRescue } from './undo-rescue.ts';

/** What a rollback did. */
export interface RolledBack {
  /** Those that this call restored: files that a hook restored before are not among them. */
  readonly files: readonly RestoredFile[];
  readonly problems: readonly Finding[];
  /** It was a rescue: no configuration changed, and the rules of other programs are back. */
  readonly rescue?: true;
}

/**
 * Rolls a change back if it is due: it was not confirmed in time, the host has booted since, or a rollback was interrupted.
 *
 * @returns undefined if no change is due
 * @throws UserError, CommandError if it cannot be done: the change stays due
 */
export async function rollBackIfDue(): Promise<RolledBack | undefined> {
  const state = readPending();
  if (state === undefined || !isDue(state)) return undefined;
  return withConfigurationLock(() => rollBackHere(isDue));
}

/**
 * Restores the configuration files, then the rules. Needs the configuration's lock.
 *
 * @param isWanted asked with the lock held: the change may have been confirmed meanwhile
 * @returns undefined if there is nothing to roll back
 */
export async function rollBackHere(
  isWanted: (state: PendingState) => boolean = () => true,
): Promise<RolledBack | undefined> {
  const state = readPending();
  if (state === undefined || !isWanted(state)) return undefined;
  if (isRescue(state)) return rollBackRescue();
  const before = await readBefore();
  const files = state.stage === 'waiting' ? restoreAll(before) : [];
  markRestored();
  const problems = await applyAll();
  removePrepared(before);
  removePending();
  const kept = files.flatMap(({ kept }) => kept ?? []);
  const texts = kept.length === 0 ? '' : `; the texts that it had are kept in ${kept.join(', ')}`;
  const message = `configuration rolled back to the one before: its change was not confirmed${texts}`;
  await toSystem({ level: 'warn', message });
  return { files, problems };
}

async function rollBackRescue(): Promise<RolledBack> {
  await undoRescue();
  removePending();
  await toSystem({ level: 'warn', message: 'the rescue was not confirmed: the rules before it are back' });
  return { files: [], problems: [], rescue: true };
}

/** @throws UserError if the copy is lost: then nothing can be rolled back, and the change stays */
async function readBefore() {
  try {
    const before = readApplied();
    if (before === undefined) throw new UserError('there is no copy of the configuration before it');
    return before;
  } catch (error) {
    removePending();
    const lost = new UserError('rolling the configuration back: the change stays in place', { cause: error });
    await toSystem({ level: 'error', message: `${lost.message}: ${(error as Error).message}` });
    throw lost;
  }
}

/** An editor may save a file while it is restored: then that text is the one to keep. */
function restoreAll(before: Parameters<typeof restoreConfiguration>[0]): RestoredFile[] {
  try {
    return restoreConfiguration(before);
  } catch (error) {
    if (!(error instanceof ConfigurationChanged)) throw error;
    return restoreConfiguration(before);
  }
}
