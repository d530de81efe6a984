import type { Finding } from '../model/finding.ts';
import { keepApplied } from '../state/configuration-copy.ts';
import { bestEffort } from '../system/best-effort.ts';
import type { Deltas } from './apply.ts';

/**
 * Keeps a copy of the configuration if all of it was applied: `--confirm` rolls back to this. A configuration with a mistake,
 * or with a guest whose rules the kernel refused, was not applied in whole. A full disk keeps the older copy.
 */
export function keepIfApplied({ stamp, isValid }: Deltas['read'], problems: readonly Finding[]): void {
  if (!isValid || problems.some(({ kind }) => kind === 'refused')) return;
  bestEffort('keeping a copy of the configuration', () => keepApplied(stamp));
}
