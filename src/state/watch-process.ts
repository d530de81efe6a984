import { closeSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../model/paths.ts';
import { readText } from '../system/files.ts';
import { takeIfFree } from '../system/lock.ts';
import { type LastingLock, takeLastingLock } from './background.ts';

/* The process that watches the ruleset: one on a host. It holds a lock, by which it is known to be there. */

const lockFile = join(paths.state, 'watcher');

/** @returns undefined if another one runs */
export function becomeWatcher(): LastingLock | undefined {
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  return takeLastingLock(lockFile);
}

/** Whether one runs. */
export function isWatched(): boolean {
  if (!existsSync(lockFile)) return false;
  const free = takeIfFree(lockFile);
  if (free !== undefined) closeSync(free);
  return free === undefined;
}

/** Ends it, if it runs. */
export function endWatcher(): void {
  if (isWatched()) process.kill(Number(readText(lockFile)));
}
