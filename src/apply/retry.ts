import { messageOf } from '../model/problem.ts';
import { locked } from '../reconcile/queue.ts';
import { isWaiting } from '../state/request-files.ts';
import { becomeRetry } from '../state/retry-process.ts';
import { LockHeld } from '../system/lock.ts';
import { toSystem } from '../system/log-line.ts';

/** First and longest pause between two attempts, in milliseconds. */
const pauses = { first: 500, longest: 30_000 };

/** After this time, in milliseconds, requests are left to the next event. */
const patience = 600_000;

/**
 * Carries out the requests that hooks left because another process held the lock, or a program hung, for too long. Ends
 * when no request waits.
 *
 * @returns the exit code: 1 if a request still waits
 */
export async function finish(): Promise<number> {
  while (isWaiting()) {
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

async function untilNothingWaits(): Promise<boolean> {
  const end = performance.now() + patience;
  let reason = 'every attempt failed';
  for (let pause = pauses.first; isWaiting(); pause = Math.min(pause * 2, pauses.longest)) {
    try {
      await locked(() => undefined);
    } catch (error) {
      if (!(error instanceof LockHeld)) reason = messageOf(error);
    }
    if (!isWaiting()) break;
    if (performance.now() > end) {
      const message = `retrying queued requests: ${reason}: gave up until the next event (or guestgate replay)`;
      await toSystem({ level: 'error', message });
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}
