import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  statSync,
  writeSync,
} from 'node:fs';
import { paths } from '../model/paths.ts';
import { Hindrance, UserError } from '../model/problem.ts';
import { stateFiles } from '../model/state-files.ts';
import { withLibc } from './libc.ts';
import { runOnDescriptor } from './run.ts';
import { sleep } from './sleep.ts';
import { lockLimit, timeLeft } from './time-limits.ts';

/** Others hold the lock for longer than there is time to wait. */
export class LockHeld extends Hindrance {}

/** How long to sleep before the lock is tried again, in milliseconds: at first, and at most. */
const naps = { first: 1, longest: 60 };

/**
 * Runs an action while no other process holds the lock: two hooks, or a hook and a `replay`, run at the same time.
 *
 * The kernel (flock(2)) releases the lock when this process ends, however it ends. Processes do not queue for
 * it: the one that has it does the work of all that wait (see `queue.ts`).
 *
 * @param done called repeatedly while others have the lock: whether they have done the work meanwhile
 * @throws LockHeld if others hold it for more than 6 s
 * @throws UserError if the file cannot be made
 */
export function withLock<T>(action: () => T, done: () => T | undefined = () => undefined): T {
  const until = performance.now() + timeLeft(lockLimit);
  for (;;) {
    const descriptor = openLock();
    let released = false;
    try {
      const others = waitForLock(descriptor, until, done);
      if (others !== undefined) return others;
      // A folder that was removed takes its lock along: others have the one that is there now.
      if (!isInPlace(descriptor) && performance.now() < until) continue;
      const result = action();
      if (!(result instanceof Promise)) return result;
      released = true;
      return result.finally(() => closeSync(descriptor)) as T;
    } finally {
      if (!released) closeSync(descriptor);
    }
  }
}

/** @returns what others did; undefined if the lock is ours */
function waitForLock<T>(descriptor: number, until: number, done: () => T | undefined): T | undefined {
  const wait = until - performance.now();
  for (let nap = naps.first; !tryLock(descriptor); nap = Math.min(nap * 2, naps.longest)) {
    const others = done();
    if (others !== undefined) return others;
    if (performance.now() >= until) {
      const seconds = (wait / 1000).toFixed(1);
      throw new LockHeld(`taking the lock: others hold ${lockFile} for more than ${seconds} s`);
    }
    // Not all at the same moment.
    sleep(nap * (0.5 + Math.random()));
  }
  return undefined;
}

/** Whether the file that is open is still the one of its name. */
function isInPlace(descriptor: number): boolean {
  return fstatSync(descriptor).ino === statSync(lockFile, { throwIfNoEntry: false })?.ino;
}

/** What flock(1) is to end with where others keep the lock. */
const conflict = 75;

/** LOCK_EX | LOCK_NB of flock(2). */
const exclusiveOrNot = 6;

function tryLock(descriptor: number): boolean {
  const called = withLibc(({ flock }) => flock(descriptor, exclusiveOrNot));
  if (called !== undefined) return called === 0;
  // On a file that is open here and in it alike, so that the lock stays when flock(1) has ended.
  const status = runOnDescriptor('flock', ['-n', '-E', String(conflict), '3'], descriptor, timeLeft(1000));
  if (status === undefined) throw new UserError('taking the lock: flock (of util-linux) could not be run');
  if (status !== 0 && status !== conflict)
    throw new UserError(`taking the lock: flock failed with exit code ${status}`);
  return status === 0;
}

/**
 * Takes another lock than that of changes, if it is free, and writes this process's number into its file. It is held
 * until the descriptor that comes back is closed, or the process ends.
 */
export function takeIfFree(path: string): number | undefined {
  const descriptor = openSync(path, 'a+', 0o600);
  if (!tryLock(descriptor)) {
    closeSync(descriptor);
    return undefined;
  }
  ftruncateSync(descriptor);
  writeSync(descriptor, String(process.pid));
  return descriptor;
}

const lockFile = stateFiles.lock;

function openLock(): number {
  try {
    mkdirSync(paths.state, { recursive: true, mode: 0o700 });
    // Not waiting: a pipe in place of the file has no reader.
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
    return openSync(lockFile, flags, 0o600);
  } catch (error) {
    return openReadOnly(error);
  }
}

/** On a full or read-only disk rules can still be removed: flock needs no writing. */
function openReadOnly(cause: unknown): number {
  try {
    return openSync(lockFile, 'r');
  } catch {
    throw new UserError(`keeping records in ${paths.state}`, { cause });
  }
}
