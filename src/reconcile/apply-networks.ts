import { plainNames } from '../desired/plain-networks.ts';
import type { Finding } from '../model/finding.ts';
import { readHostState } from '../state/host-state.ts';
import { applyAbsence, followAbsence } from './absent-rules.ts';
import { type WantedOfHost, wantedOfHost } from './change-networks.ts';
import { applyDeltasOfNetworks, type NetworkDelta, networkDeltas } from './network-deltas.ts';
import { type PlanReading, readForPlan } from './plan-reading.ts';
import { applyProtection } from './protection.ts';
import { locked } from './queue.ts';
import { noteInterfaces } from './uplinks-noted.ts';

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
  const interfaces = plainNames(present.configuration.networks);
  if (networks.length === 0) {
    await applyAbsence(present);
    if (interfaces.length > 0) await locked(() => noteInterfaces(interfaces));
    return ofHost;
  }
  const ofNetworks = await locked(async () => {
    const reading = await readForPlan();
    followAbsence(reading);
    noteInterfaces(interfaces);
    return applyDeltasOfNetworks(networks, wanted, reading);
  });
  return [...ofHost, ...ofNetworks];
}

/**
 * Gives rules to interfaces that the configuration names as networks and that have none yet: no hook reports that they exist.
 *
 * @returns the problems
 */
export async function applyNewInterfaces({ configuration }: PlanReading): Promise<readonly Finding[]> {
  const names = plainNames(configuration.networks);
  if (names.length === 0) return [];
  return locked(async () => {
    noteInterfaces(names);
    const { networks: recorded } = readHostState();
    const reading = await readForPlan('no guest');
    const { changing } = await networkDeltas(reading);
    const added = changing.filter(
      ({ network }) => names.includes(network) && recorded[network] === undefined,
    );
    return applyDeltasOfNetworks(added, wantedOfHost(reading), reading);
  });
}
