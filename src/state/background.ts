import { closeSync, realpathSync } from 'node:fs';
import { takeIfFree } from '../system/lock.ts';
import { startApart } from '../system/run.ts';

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
  const compiled = process.argv[1]?.startsWith('/$bunfs/') === true;
  const script = compiled ? [] : [realpathSync(process.argv[1] ?? '')];
  startApart(process.execPath, [...script, command]);
}

/** @returns undefined if another one runs; what gives its place free otherwise */
export function takeProcessLock(lockFile: string): (() => void) | undefined {
  const descriptor = takeIfFree(lockFile);
  return descriptor === undefined ? undefined : () => closeSync(descriptor);
}
