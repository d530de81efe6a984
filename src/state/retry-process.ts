import { stateFiles } from '../model/state-files.ts';
import { startOwnProgram, takeProcessLock } from './background.ts';

/*
 * The process that does what hooks had no time for: libvirt waits for hooks, but not for this process. It is started
 * by the hook that gives up, one on a host, and ends when nothing waits any more.
 */

const lockFile = stateFiles.retry;

/** Starts it, unless it runs. */
export function startRetry(): void {
  startOwnProgram('retry', lockFile);
}

/** @returns undefined if another one runs; what gives its place free otherwise */
export function becomeRetry(): (() => void) | undefined {
  return takeProcessLock(lockFile);
}
