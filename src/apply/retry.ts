import { messageOf } from '../model/problem.ts';
import { locked } from '../reconcile/queue.ts';
import { findUnexplained, removeUnexplainedNow } from '../reconcile/unexplained.ts';
import { isWaiting } from '../state/request-files.ts';
import { becomeRetry } from '../state/retry-process.ts';
import { LockHeld } from '../system/lock.ts';
import { toSystem } from '../system/log-line.ts';

/** How long to wait before the next try, in milliseconds: at first, and at most. */
const pauses = { first: 500, longest: 30_000 };

/** How long to try, in milliseconds: after that the queue waits for the next event. */
const patience = 600_000;

/**
 * Carries out the requests that hooks left because another process held the lock, or a program hung, for too long, and removes
 * the rules of a saved ruleset that they left. Ends when the queue is empty.
 *
 * @returns the exit code: 1 if requests still wait
 */
export async function finish(): Promise<number> {
  while (isAnythingLeft()) {
    const release = becomeRetry();
    if (release === undefined) return 0;
    try {
      if (!(await untilNothingWaits())) return 1;
    } finally {
      release();
    }
    // A request that arrived between the last look and the release found this process running and started no other.
  }
  return 0;
}

/** Whether requests wait, or a saved ruleset that was loaded at boot is still in the kernel. */
function isAnythingLeft(): boolean {
  return isWaiting() || findUnexplained().length > 0;
}

async function untilNothingWaits(): Promise<boolean> {
  const end = performance.now() + patience;
  let reason = 'the lock was held all the time';
  for (let pause = pauses.first; isAnythingLeft(); pause = Math.min(pause * 2, pauses.longest)) {
    try {
      await locked(removeUnexplainedNow);
    } catch (error) {
      if (!(error instanceof LockHeld)) reason = messageOf(error);
    }
    if (!isAnythingLeft()) break;
    if (performance.now() > end) {
      const message = `retrying the requests in the queue: ${reason} (the next event tries again, or: guestgate replay)`;
      await toSystem({ level: 'error', message });
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}
