import { followAsWatcher, startFollowerIfNeeded } from '../apply/follow-leases.ts';
import { UserError } from '../model/problem.ts';
import { becomeWatcher } from '../state/watch-process.ts';
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
  const release = becomeWatcher();
  if (release === undefined) throw new UserError('watching: another guestgate watch runs on this host');
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const turns = new Turns();
  const parts = [
    watchRuleset(either, turns, report),
    followUplinks(either, turns, report),
    followAsWatcher(either, (action) => turns.take(action)),
    ...(apply ? [followConfiguration(either, turns, report)] : []),
  ];
  try {
    await Promise.all(parts);
  } finally {
    failing.abort();
    await Promise.allSettled(parts);
    release();
    startFollowerIfNeeded();
  }
}
