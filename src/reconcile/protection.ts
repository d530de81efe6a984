import { makeProtection, markerOf, removeProtectionTable } from '../backends/protection/ruleset.ts';
import { type Finding, failure } from '../model/finding.ts';
import { CommandError } from '../model/problem.ts';
import type { HostProtection } from '../model/protection.ts';
import { recordedProtection, recordProtection } from '../state/protection.ts';
import { bestEffort } from '../system/best-effort.ts';
import { run } from '../system/run.ts';
import type { PlanReading } from './plan-reading.ts';
import { isProtectionTableThere, isProtectionThere } from './protection-table.ts';
import { locked } from './queue.ts';

/** How the table differs from the configuration; undefined: it does not, or the configuration cannot be read. */
export function protectionDelta({
  configuration: { host, hostUnknown },
}: Pick<PlanReading, 'configuration'>): 'made' | 'removed' | undefined {
  if (hostUnknown.length > 0) return undefined;
  const recorded = recordedProtection();
  if (host.protect === undefined)
    return recorded !== undefined || isProtectionTableThere() ? 'removed' : undefined;
  const marker = markerOf(host.protect);
  return recorded?.marker === marker && isProtectionThere(marker) ? undefined : 'made';
}

/**
 * Gives the host the protection that the configuration asks for.
 *
 * @param reading read without the lock; two commands that differ run one after the other, and the later one wins
 * @returns why it could not be done
 */
export async function applyProtection(reading: Pick<PlanReading, 'configuration'>): Promise<Finding[]> {
  if (protectionDelta(reading) === undefined) return [];
  const { protect } = reading.configuration.host;
  try {
    await locked(() => setProtection(protect));
    return [];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [failure('[host.protect]', error, 'refused')];
  }
}

/** Removes the table from the kernel, if it is there. @throws CommandError */
export function removeProtection(): void {
  if (isProtectionTableThere()) run(removeProtectionTable, 'removing the protection of the host');
}

/** Makes or removes the table. Needs the lock. A full disk keeps no table in place that is not wanted any more. */
function setProtection(protection: HostProtection | undefined): void {
  if (protection === undefined) removeProtection();
  else run(makeProtection(protection), 'protecting the host');
  const recorded = protection && { protection, marker: markerOf(protection) };
  bestEffort('recording the protection', () => recordProtection(recorded));
}
