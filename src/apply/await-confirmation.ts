import { messageOf } from '../model/problem.ts';
import { readPending, secondsLeft } from '../state/pending-change.ts';
import { becomeRollBack } from '../state/roll-back-process.ts';
import { toSystem } from '../system/log-line.ts';
import { rollBackIfDue } from './roll-back.ts';

/** How often to look whether the change was confirmed, and how long to pause after a failure, in milliseconds. */
const between = 1000;

/** How often a rollback that fails is tried: after that the next event, replay or command does it. */
const attempts = 60;

/**
 * Waits until the change that waits is confirmed, or rolls it back.
 *
 * @returns the exit code: 1 if it could not be rolled back
 */
export async function awaitConfirmation(): Promise<number> {
  const release = becomeRollBack();
  if (release === undefined) return 0;
  try {
    for (let failures = 0; failures < attempts; await pause(between)) {
      const state = readPending();
      if (state === undefined) return 0;
      const left = secondsLeft(state);
      if (left > 0) {
        await pause(Math.min(left * 1000, between));
        continue;
      }
      try {
        await rollBackIfDue();
        return 0;
      } catch (error) {
        failures += 1;
        if (failures === 1)
          await toSystem({
            level: 'error',
            message: `rolling the change back: ${messageOf(error)} (it is tried again)`,
          });
      }
    }
    return 1;
  } finally {
    release();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
