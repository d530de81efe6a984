import type { Finding } from '../model/finding.ts';
import { changeNetworks, type NetworkDelta, type WantedOfHost } from './change-network.ts';
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
  return locked(async () => changeNetworks(networks, wanted, await readForPlan('no guest')));
}
