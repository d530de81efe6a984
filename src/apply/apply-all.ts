import type { Finding } from '../model/finding.ts';
import { applyNetworks } from '../reconcile/apply-networks.ts';
import { applyDeltas, type Deltas, findDeltas } from './apply.ts';
import { keepIfApplied } from './keep-applied.ts';

/** Brings all running guests, networks and the host's settings to what the configuration says. @returns the problems */
export async function applyAll(): Promise<readonly Finding[]> {
  return applyFound(await findDeltas([]), true);
}

/**
 * Applies the changes that were found.
 *
 * @param isAll whether they are those of all guests: then a copy of the configuration is kept
 * @param keepConnections see `applyDeltas`
 * @returns the problems
 */
export async function applyFound(
  deltas: Deltas,
  isAll: boolean,
  keepConnections = false,
): Promise<readonly Finding[]> {
  const guests = await applyDeltas(deltas.changing, keepConnections);
  const ofNetworks = await applyNetworks(deltas.networks, deltas.wanted);
  const problems = [...deltas.problems, ...ofNetworks, ...guests.flatMap((guest) => guest.problems)];
  if (isAll) keepIfApplied(deltas.read, problems);
  return problems;
}
