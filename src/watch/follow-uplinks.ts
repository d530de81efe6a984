import { failure } from '../model/finding.ts';
import { hasHostChanged } from '../reconcile/follow-host.ts';
import { locked } from '../reconcile/queue.ts';
import { pause } from '../system/pause.ts';
import { afterRepair, noBackoff, timeToWait } from './backoff.ts';
import { catchUpWithBoot } from './start.ts';
import type { Turns } from './turns.ts';
import { monitorUplinks } from './uplink-monitor.ts';
import type { Report } from './watch-event.ts';

/** An interface that comes up gets addresses and routes one after the other: how long to wait for the last, in milliseconds. */
const settling = 100;

/** How long to wait at most before rules are adapted again, in milliseconds: guests leave with a wrong address meanwhile. */
const longest = 5000;

/**
 * Catches up with what happened before the watcher began, and has rules follow the host's addresses and default routes. Where
 * these change back and forth, adaptations become rarer; the
 * last state is always reached.
 */
export async function followUplinks(signal: AbortSignal, turns: Turns, report: Report): Promise<void> {
  const monitor = monitorUplinks(signal);
  let backoff = noBackoff;
  let isCaughtUp = false;
  let lastFailure: string | undefined;
  try {
    for (;;) {
      await monitor.next();
      await pause(settling, signal);
      if (signal.aborted) return;
      if (isCaughtUp && !hasHostChanged()) continue;
      await pause(timeToWait(backoff, performance.now()), signal);
      if (signal.aborted) return;
      try {
        // Taking the lock adapts the rules, and logs that.
        const begun = await turns.take(() => (isCaughtUp ? locked(() => undefined) : catchUpWithBoot()));
        isCaughtUp = true;
        if (begun !== undefined) await report(begun);
        lastFailure = undefined;
      } catch (error) {
        const fault = failure('host', error);
        // It tries again every few seconds: the same failure is reported once.
        if (fault.problem !== lastFailure) await report({ kind: 'failed', faults: [fault] });
        lastFailure = fault.problem;
      }
      backoff = afterRepair(backoff, performance.now(), longest);
    }
  } finally {
    monitor.stop();
  }
}
