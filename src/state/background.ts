import { closeSync } from 'node:fs';
import { takeIfFree } from '../system/lock.ts';
import { startApart } from '../system/run.ts';
import { isCompiled, ownProgram } from '../system/self.ts';

/**
 * Starts a command of ours that goes on when this process has ended, unless it runs: it is known by the lock that it
 * holds. Whoever asks does not wait, and shares nothing with it that could be waited for.
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

/** @returns undefined if another one runs; what gives its place free otherwise */
export function takeProcessLock(lockFile: string): (() => void) | undefined {
  const descriptor = takeIfFree(lockFile);
  return descriptor === undefined ? undefined : () => closeSync(descriptor);
}
