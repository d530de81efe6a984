import { describeFinding } from '../model/finding.ts';
import { UserError } from '../model/problem.ts';
import { applyAbsence } from '../reconcile/absent-rules.ts';
import { applyNewInterfaces } from '../reconcile/apply-networks.ts';
import { hasHostChanged } from '../reconcile/follow-host.ts';
import { readForPlan } from '../reconcile/plan-reading.ts';
import { applyProtection } from '../reconcile/protection.ts';
import { locked } from '../reconcile/queue.ts';
import { removeUnexplained } from '../reconcile/unexplained.ts';
import type { WatchEvent } from './watch-event.ts';

/**
 * Does what the first event after boot would do, which may come late: removes the rules of a saved ruleset, and drops what is
 * for guests that do not run.
 *
 * @returns undefined: no rule had to change
 * @throws LockHeld, CommandError: part of it may be done; doing it again is safe
 */
export async function catchUpWithBoot(): Promise<WatchEvent | undefined> {
  const removed = await removeUnexplained();
  const reading = await readForPlan('no guest');
  const isDropping = await applyAbsence(reading);
  await applyProtection(reading);
  const problems = await applyNewInterfaces(reading);
  if (problems.length > 0) throw new UserError(problems.map(describeFinding).join('; '));
  if (hasHostChanged()) await locked(() => undefined);
  return removed.length > 0 || isDropping ? { kind: 'started', removed, absent: isDropping } : undefined;
}
