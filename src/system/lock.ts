import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../model/places.ts';
import { UserError } from '../model/problem.ts';
import { runOnDescriptor, timeLeft } from './run.ts';

/** Others hold the lock for longer than there is time to wait. */
export class LockHeld extends UserError {}

/** What flock(1) is to end with where others keep the lock. */
const conflict = 75;

/** How long to wait for others, in milliseconds. */
const patience = 6000;

/**
 * Does something, which may take its time, while nobody else does: two hooks, or a hook and a `replay`, at once.
 *
 * The lock is the kernel's (flock(2)), taken through flock(1) on a file that is open here and in it alike: it
 * is given in the order of asking, and given back when this process ends, however it ends.
 *
 * @throws LockHeld if others hold it for more than 6 s
 * @throws UserError if there is no place for the file
 */
export function withLock<T>(action: () => T): T {
  const descriptor = takeLock();
  let result: T;
  try {
    result = action();
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  if (result instanceof Promise) return result.finally(() => closeSync(descriptor)) as T;
  closeSync(descriptor);
  return result;
}

function takeLock(): number {
  const descriptor = openLock();
  const seconds = timeLeft(patience) / 1000;
  try {
    const status = runOnDescriptor(
      'flock',
      ['-w', String(seconds), '-E', String(conflict), '3'],
      descriptor,
      (seconds + 1) * 1000,
    );
    if (status === undefined) throw new UserError('taking the lock: flock (of util-linux) could not be run');
    if (status === conflict) {
      const held = `others hold ${lockFile} for more than ${seconds.toFixed(1)} s`;
      throw new LockHeld(
        `taking the lock: ${held}: whoever has it does this too, at its end (else: guestgate replay)`,
      );
    }
    if (status !== 0) throw new UserError(`taking the lock: flock failed with exit code ${status}`);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

const lockFile = join(places.state, 'lock');

function openLock(): number {
  try {
    mkdirSync(places.state, { recursive: true, mode: 0o700 });
    return openSync(lockFile, 'a', 0o600);
  } catch (error) {
    return openReadOnly(error);
  }
}

/** Where nothing can be written any more, what stands can still be removed: flock needs no writing. */
function openReadOnly(cause: unknown): number {
  try {
    return openSync(lockFile, 'r');
  } catch {
    throw new UserError(`keeping records in ${places.state}`, { cause });
  }
}

const unfinishedFile = join(places.state, 'unfinished');

/** Asks whoever has the lock to do, at its end, what pending records say. */
export function leaveUnfinished(): void {
  closeSync(openSync(unfinishedFile, 'a', 0o600));
}

/** Whether somebody asked for that; it is asked no longer then. To be called with the lock held. */
export function takeUnfinished(): boolean {
  if (!existsSync(unfinishedFile)) return false;
  rmSync(unfinishedFile, { force: true });
  return true;
}
