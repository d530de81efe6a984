import { stateFiles } from '../model/state-files.ts';
import { makeState } from '../system/files.ts';
import { endLockHolder, isProcessLocked, type LastingLock, takeLastingLock } from './background.ts';

/* The process that watches the ruleset: one on a host. It holds a lock, by which it is known to be there. */

const lockFile = stateFiles.watcher;

/** @returns undefined if another one runs */
export function becomeWatcher(): LastingLock | undefined {
  makeState();
  return takeLastingLock(lockFile);
}

/** Whether one runs. */
export function isWatched(): boolean {
  return isProcessLocked(lockFile);
}

/** Ends it, if it runs. */
export function endWatcher(): void {
  endLockHolder(lockFile);
}
