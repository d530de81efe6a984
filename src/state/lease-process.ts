import { type FSWatcher, watch } from 'node:fs';
import { paths } from '../model/paths.ts';
import { stateFiles } from '../model/state-files.ts';
import { endLockHolder, type LastingLock, startOwnProgram, takeLastingLock } from './background.ts';

/*
 * The process that waits for leases: one on a host, started by the first guest that needs it; it ends after
 * the last one. It holds a lock, by which it is known to be there. Where `guestgate watch` runs, that holds the lock and does it.
 */

const lockFile = stateFiles.follower;

/** Starts it, unless it runs. */
export function startFollower(): void {
  startOwnProgram('follow-leases', lockFile);
}

/** @returns undefined if another one runs */
export function becomeFollower(): LastingLock | undefined {
  return takeLastingLock(lockFile);
}

/** Ends it, if it runs. */
export function endFollower(): void {
  endLockHolder(lockFile);
}

/** Waits until dnsmasq has written a lease, or so many milliseconds, or the signal: the folder may not be there yet. */
export async function leasesChange(longest: number, signal?: AbortSignal): Promise<void> {
  let watcher: FSWatcher | undefined;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, longest);
    signal?.addEventListener('abort', done);
    try {
      watcher = watch(paths.dnsmasq, done);
      watcher.once('error', done);
    } catch {
      // Not there: the timer ends it.
    }
  });
  watcher?.close();
}
