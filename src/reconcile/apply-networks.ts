import type { Finding } from '../model/finding.ts';
import { applyAbsence, followAbsence } from './absent-rules.ts';
import type { WantedOfHost } from './change-networks.ts';
import { applyDeltasOfNetworks, type NetworkDelta } from './network-deltas.ts';
import { readForPlan } from './plan-reading.ts';
import { applyProtection } from './protection.ts';
import { locked } from './queue.ts';

/**
 * Applies differences, and the protection of the host. Networks are read again with the lock held: they may have stopped or changed meanwhile.
 *
 * @returns the problems
 */
export async function applyNetworks(
  networks: readonly NetworkDelta[],
  wanted: WantedOfHost,
): Promise<Finding[]> {
  const present = await readForPlan('no guest');
  const ofHost = await applyProtection(present);
  if (networks.length === 0) {
    await applyAbsence(present);
    return ofHost;
  }
  const ofNetworks = await locked(async () => {
    const reading = await readForPlan();
    followAbsence(reading);
    return applyDeltasOfNetworks(networks, wanted, reading);
  });
  return [...ofHost, ...ofNetworks];
}
