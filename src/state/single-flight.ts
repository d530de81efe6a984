import { makeState } from '../system/files.ts';
import { sleep } from '../system/sleep.ts';
import { singleFlightLimit, timeLeft } from '../system/time-limits.ts';
import { takeProcessLock } from './background.ts';

/** How long to sleep before it is looked for again, in milliseconds: at first, and at most. Hundreds of others look, too. */
const naps = { first: 5, longest: 80 };

/**
 * Finds something out that all processes need and one of them writes down: on a host that boots, hundreds of
 * hooks start together, and all of them would do the same work.
 *
 * @param lockFile the file that the working process locks
 * @param known what is written down, if it is
 * @param work finds it out, and writes it down if that can be done
 */
export async function singleFlight<T>(
  lockFile: string,
  known: () => T | undefined,
  work: () => T | Promise<T>,
): Promise<T> {
  const end = performance.now() + timeLeft(singleFlightLimit);
  let nap = naps.first;
  for (let waited = false; performance.now() < end; waited = true) {
    const found = known();
    if (found !== undefined) return found;
    const release = take(lockFile);
    if (release === undefined) {
      // Not all at the same moment.
      sleep(nap * (0.5 + Math.random()));
      nap = Math.min(nap * 2, naps.longest);
      continue;
    }
    // Another process did the work, and could not write down the result.
    if (waited) release();
    try {
      return known() ?? (await work());
    } finally {
      if (!waited) release();
    }
  }
  return work();
}

/** @returns undefined if another process has it */
function take(lockFile: string): (() => void) | undefined {
  try {
    makeState();
    return takeProcessLock(lockFile);
  } catch {
    // The state folder cannot be written: each process does the work itself.
    return () => {};
  }
}
