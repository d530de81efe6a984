import { names } from '../backends/names.ts';
import { recordedProtection } from '../state/protection.ts';
import { hasProgram } from '../system/host.ts';
import { run } from '../system/run.ts';
import { isChainThere } from './chain-there.ts';

/*
 * The table that protects the host itself, for events: it depends on the configuration alone, so it is no part of the guests'
 * transactions. What another program flushes is made again from the record.
 */

const chainNamed = (chain: string) => ({ family: 'inet', table: names.protectTable, chain }) as const;

/** Whether the table that was made is gone, or another one is in its place. */
export function isProtectionLost(): boolean {
  const recorded = recordedProtection();
  return recorded !== undefined && !isProtectionThere(recorded.marker);
}

/**
 * Makes the table again that was made before. Needs the lock.
 *
 * @param always also if one look finds nothing wrong: a rule of it may have been changed
 * @returns the places that were repaired
 * @throws CommandError
 */
export async function restoreProtection(always = false): Promise<readonly string[]> {
  const recorded = recordedProtection();
  if (recorded === undefined || (!always && isProtectionThere(recorded.marker))) return [];
  const { makeProtection } = await import('../backends/protection/ruleset.ts');
  run(makeProtection(recorded.protection), 'protecting the host again');
  return [`table inet ${names.protectTable}`];
}

/** Whether the table with this marker is in the kernel. */
export function isProtectionThere(marker: string): boolean {
  return isProtectionTableThere() && isChainThere(chainNamed(marker));
}

/** Whether any such table is in the kernel. */
export function isProtectionTableThere(): boolean {
  return hasProgram('nft') && isChainThere(chainNamed('input'));
}
