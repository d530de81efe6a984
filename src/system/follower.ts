import { closeSync, existsSync, type FSWatcher, realpathSync, watch } from 'node:fs';
import { join } from 'node:path';
import { places } from '../model/places.ts';
import { readText } from './files.ts';
import { takeIfFree } from './lock.ts';
import { startApart } from './run.ts';

/*
 * The process that waits for leases: one on a host, started by the first guest that needs it, ended by itself after
 * the last one. It holds a lock, by which it is known to be there.
 */

const lockFile = join(places.state, 'follower');

/** Starts it, unless it runs. Whoever asks does not wait, and shares nothing with it that could be waited for. */
export function startFollower(): void {
  const free = takeIfFree(lockFile);
  if (free === undefined) return;
  closeSync(free);
  const compiled = process.argv[1]?.startsWith('/$bunfs/') === true;
  const script = compiled ? [] : [realpathSync(process.argv[1] ?? '')];
  startApart(process.execPath, [...script, 'follow-leases']);
}

/** @returns undefined if another one runs; what gives its place free otherwise */
export function becomeFollower(): (() => void) | undefined {
  const descriptor = takeIfFree(lockFile);
  return descriptor === undefined ? undefined : () => closeSync(descriptor);
}

/** Ends it, if it runs. */
export function endFollower(): void {
  if (!existsSync(lockFile)) return;
  const pid = Number(readText(lockFile));
  const free = takeIfFree(lockFile);
  if (free !== undefined) closeSync(free);
  else if (pid > 1) process.kill(pid);
}

/** Waits until dnsmasq has written a lease, or so many milliseconds: the folder may not be there yet. */
export async function leasesChange(longest: number): Promise<void> {
  let watcher: FSWatcher | undefined;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, longest);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    try {
      watcher = watch(places.dnsmasq, done);
      watcher.once('error', done);
    } catch {
      // Not there: the timer ends it.
    }
  });
  watcher?.close();
}
