import { closeSync } from 'node:fs';
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
