import { messageOf } from '../model/problem.ts';
import { locked } from '../reconcile/queue.ts';
import { isWaiting } from '../state/request-files.ts';
import { becomeRetry } from '../state/retry-process.ts';
import { LockHeld } from '../system/lock.ts';
import { toSystem } from '../system/log-line.ts';

/** How long to wait before what could not be done is tried again, in milliseconds: at first, and at most. */
const pauses = { first: 500, longest: 30_000 };

/** After so long, in milliseconds, what waits is left to the next event. */
const patience = 600_000;

/**
 * Does what hooks left because others held the lock, or a program hung, for too long. Ends when nothing waits.
 *
 * @returns the exit code: 1 if something still waits
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
    // What came between the last look and the release has started nobody.
  }
  return 0;
}

async function untilNothingWaits(): Promise<boolean> {
  const end = performance.now() + patience;
  let said = 'it was tried in vain';
  for (let pause = pauses.first; isWaiting(); pause = Math.min(pause * 2, pauses.longest)) {
    try {
      await locked(() => undefined);
    } catch (error) {
      if (!(error instanceof LockHeld)) said = messageOf(error);
    }
    if (!isWaiting()) break;
    if (performance.now() > end) {
      const message = `finishing what hooks left: ${said}: given up until the next event, or guestgate replay`;
      await toSystem({ level: 'error', message });
      return false;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return true;
}
