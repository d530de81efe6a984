import { removeUnexplained } from '../reconcile/unexplained.ts';
import { startRetry } from '../state/retry-process.ts';
import { bestEffort } from '../system/best-effort.ts';
import { LockHeld } from '../system/lock.ts';

/**
 * Removes the rules of a ruleset that was saved while guests ran, before the first event after boot does its own work. If
 * another process holds the lock for too long, the event continues, so that its request gets into the queue: the first transaction
 * removes these rules, too, and `guestgate retry` does where no transaction follows.
 *
 * @returns what was done, for the log; undefined: there were no such rules
 */
export async function removeSavedRules(): Promise<string | undefined> {
  try {
    const removed = await removeUnexplained();
    if (removed.length === 0) return undefined;
    return `removed rules of a saved ruleset that belong to no running guest (${removed.join(', ')})`;
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error;
    bestEffort('starting guestgate retry', startRetry);
    return 'rules of a saved ruleset will be removed when the lock is released';
  }
}
