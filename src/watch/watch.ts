import { followAsWatcher, startFollowerIfNeeded } from '../apply/follow-guests.ts';
import { UserError } from '../model/problem.ts';
import type { LastingLock } from '../state/background.ts';
import { becomeWatcher } from '../state/watch-process.ts';
import { pause } from '../system/pause.ts';
import { followConfiguration } from './follow-configuration.ts';
import { followUplinks } from './follow-uplinks.ts';
import { Turns } from './turns.ts';
import type { Report } from './watch-event.ts';
import { watchRuleset } from './watch-ruleset.ts';

export interface WatchOptions {
  /** Apply changed configuration files that hold no mistake. */
  readonly apply?: boolean;
}

/**
 * Watches what calls no hook, until a signal: other programs that change the ruleset, the host's addresses and default routes,
 * the leases of guests, and, if asked for, the configuration.
 *
 * @param signal ends it
 * @param report gets an event for each repair, and each failure that differs from the one before
 * @throws UserError if another one runs on this host
 */
export async function watch(
  signal: AbortSignal,
  report: Report,
  { apply = false }: WatchOptions = {},
): Promise<void> {
  const lock = becomeWatcher();
  if (lock === undefined) throw anotherRuns();
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const turns = new Turns();
  const parts = [
    watchRuleset(either, turns, report),
    followUplinks(either, turns, report),
    followAsWatcher(either, (action) => turns.take(action)),
    keepLock(lock, either),
    ...(apply ? [followConfiguration(either, turns, report)] : []),
  ];
  try {
    await Promise.all(parts);
  } finally {
    failing.abort();
    await Promise.allSettled(parts);
    lock.release();
    startFollowerIfNeeded();
  }
}

/** How often to look whether the lock's file is still there, in milliseconds. */
const between = 1000;

/**
 * Takes the lock again if its file is removed: hooks would start a follower of leases beside the watcher.
 *
 * @throws UserError if another watcher has taken it
 */
async function keepLock(lock: LastingLock, signal: AbortSignal): Promise<void> {
  for (; !signal.aborted; await pause(between, signal)) if (!lock.isHeld()) throw anotherRuns();
}

function anotherRuns(): UserError {
  return new UserError('watching: another guestgate watch runs on this host');
}
