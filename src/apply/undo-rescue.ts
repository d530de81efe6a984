import { tableDifferences } from '../backends/rescue/ruleset.ts';
import { UserError } from '../model/problem.ts';
import { locked } from '../reconcile/queue.ts';
import { isRescue, readPending, removePending } from '../state/pending-change.ts';
import { endRollBackProcess } from '../state/roll-back-process.ts';
import { readSavedListing, readSavedRules, removeSavedRules } from '../state/saved-rules.ts';
import { bootId } from '../system/boot-clock.ts';
import { withConfigurationLock } from '../system/configuration-lock.ts';
import { writeSettings } from '../system/forwarding.ts';
import { leaveKernel, listNft } from './rescue-kernel.ts';

/** What was done. */
export interface Undone {
  /** False: the host has booted since, and the kernel holds nothing of the rescue. */
  readonly undone: boolean;
  /** What other programs changed meanwhile, and stays so: `nft table ip nat was changed`. */
  readonly changed: readonly string[];
}

/**
 * Brings back the rules that a rescue put aside. Doing it again is safe.
 *
 * @returns undefined if no rescue is in place
 * @throws UserError, CommandError if it cannot be done: what is saved stays
 */
export async function undoRescue(): Promise<Undone | undefined> {
  const saved = readSavedRules();
  if (saved === undefined) return undefined;
  const isThisBoot = saved.boot === bootId();
  let changed: readonly string[] = [];
  if (isThisBoot)
    await locked(() => {
      leaveKernel(saved);
      writeSettings(saved.settings);
      const before = readSavedListing();
      changed = before === undefined ? [] : tableDifferences(before, listNft());
    });
  removeSavedRules();
  return { undone: isThisBoot, changed };
}

/**
 * The same for a person, confirmed or not.
 *
 * @throws UserError if no rescue is in place
 */
export async function undoRescueNow(): Promise<Undone> {
  return withConfigurationLock(async () => {
    const undone = await undoRescue();
    const pending = readPending();
    const waits = pending !== undefined && isRescue(pending);
    if (waits) {
      removePending();
      endRollBackProcess();
    }
    if (undone === undefined && !waits)
      throw new UserError('no rescue is in place: there is nothing to undo');
    return undone ?? { undone: false, changed: [] };
  });
}
