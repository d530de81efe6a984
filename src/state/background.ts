import { closeSync, existsSync, fstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { readText } from '../system/files.ts';
import { takeIfFree } from '../system/lock.ts';
import { startApart } from '../system/run.ts';
import { isCompiled, ownProgram } from '../system/self.ts';

/**
 * Starts a command of ours that outlives this process, unless it runs already: the lock that it holds shows
 * that. The caller does not wait, and shares no pipe with it that libvirt would wait for.
 *
 * @param lockFile the file that the command locks as long as it runs
 */
export function startOwnProgram(command: string, lockFile: string): void {
  const free = takeIfFree(lockFile);
  if (free === undefined) return;
  closeSync(free);
  const script = isCompiled ? [] : [ownProgram()];
  startApart(process.execPath, [...script, command]);
}

/** @returns what releases the lock; undefined if another process has it */
export function takeProcessLock(lockFile: string): (() => void) | undefined {
  const descriptor = takeIfFree(lockFile);
  return descriptor === undefined ? undefined : () => closeSync(descriptor);
}

/** Whether a process holds the lock. */
export function isProcessLocked(lockFile: string): boolean {
  if (!existsSync(lockFile)) return false;
  const free = takeIfFree(lockFile);
  if (free !== undefined) closeSync(free);
  return free === undefined;
}

/**
 * Ends the process that holds the lock, if there is one.
 *
 * It writes its number after it has taken the lock: until then the file says nothing, and kill(2) takes 0 for all
 * processes of the caller's own group.
 */
export function endLockHolder(lockFile: string): void {
  if (!isProcessLocked(lockFile)) return;
  const pid = Number(readText(lockFile));
  if (!(pid > 1)) return;
  try {
    process.kill(pid);
  } catch (error) {
    // It has ended since.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The lock of a process that runs for long. */
export interface LastingLock {
  /**
   * Whether this process still has it. If its file was removed (`rm -r /run/guestgate`), another process may have taken a lock
   * in a new file; if none has, this process takes it again.
   */
  readonly isHeld: () => boolean;
  readonly release: () => void;
}

/** @returns undefined if another process has it */
export function takeLastingLock(lockFile: string): LastingLock | undefined {
  let descriptor = takeIfFree(lockFile);
  if (descriptor === undefined) return undefined;
  const release = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  const isHeld = () => {
    if (descriptor !== undefined && isFileOf(descriptor, lockFile)) return true;
    // Without the folder, no other process has one either: the next process that needs the folder makes it.
    if (!existsSync(dirname(lockFile))) return true;
    release();
    descriptor = takeIfFree(lockFile);
    return descriptor !== undefined;
  };
  return { isHeld, release };
}

function isFileOf(descriptor: number, path: string): boolean {
  const [open, there] = [fstatSync(descriptor), statSync(path, { throwIfNoEntry: false })];
  return there !== undefined && open.ino === there.ino && open.dev === there.dev;
}
