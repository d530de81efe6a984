import {
  isSameProtection,
  listProtection,
  protectionReference,
  protectionTitle,
} from '../backends/protection/inspection.ts';
import { type Finding, findingsOf, ruleFault } from '../model/finding.ts';
import type { PlanReading } from '../reconcile/plan-reading.ts';
import { protectionDelta } from '../reconcile/protection.ts';
import { recordedProtection } from '../state/protection.ts';
import { tryRun } from '../system/run.ts';
import { runPatiently } from '../system/run-patiently.ts';
import { bestComparison } from './comparison.ts';

/** Where the protection of the host differs from the configuration, or its table from what was made. */
export async function protectionDifferences(
  reading: Pick<PlanReading, 'configuration'>,
): Promise<readonly Finding[]> {
  const delta = protectionDelta(reading);
  if (delta === undefined || recordedProtection() !== undefined) {
    const changed = await changedProtection();
    if (delta === undefined || changed.length > 0) return changed;
  }
  const problem =
    delta === 'removed' ? 'the configuration does not ask for it any more' : 'it is not in the kernel';
  return [{ subject: '[host.protect]', problem, severity: 'something', fix: 'guestgate apply' }];
}

/** Where the table in the kernel differs from the one that was made: another program changed it. */
export async function changedProtection(): Promise<readonly Finding[]> {
  const recorded = recordedProtection();
  if (recorded === undefined) return [];
  const listing = tryRun(listProtection);
  if (listing === undefined)
    return findingsOf('kernel', [ruleFault(`the ruleset has no ${protectionTitle}`)]);
  const reference = await runPatiently(
    protectionReference(recorded.protection),
    'checking the protection of the host',
  );
  return bestComparison(protectionTitle, () =>
    isSameProtection(listing, reference)
      ? []
      : findingsOf('kernel', [ruleFault(`the rules of ${protectionTitle} were changed`)]),
  );
}
