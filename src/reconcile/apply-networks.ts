import type { Finding } from '../model/finding.ts';
import type { WantedOfHost } from './change-networks.ts';
import { applyDeltasOfNetworks, type NetworkDelta } from './network-deltas.ts';
import { readForPlan } from './plan-reading.ts';
import { locked } from './queue.ts';

/**
 * Applies differences. Networks are read again with the lock held: they may have stopped or changed meanwhile.
 *
 * @returns the problems
 */
export async function applyNetworks(
  networks: readonly NetworkDelta[],
  wanted: WantedOfHost,
): Promise<Finding[]> {
  if (networks.length === 0) return [];
  return locked(async () => applyDeltasOfNetworks(networks, wanted, await readForPlan()));
}
