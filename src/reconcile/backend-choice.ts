import type { Backend } from '../backends/backend.ts';
import type { Inspection } from '../backends/inspection.ts';
import { nftables } from '../backends/nftables/transaction.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { HostPolicy } from '../model/policy.ts';
import { stateFiles } from '../model/state-files.ts';
import { readChosenBackend } from '../state/chosen-backend.ts';
import { type HostState, nameInUse } from '../state/host-state.ts';
import { singleFlight } from '../state/single-flight.ts';
import { hasState } from '../system/files.ts';
import { iptablesVariant } from '../system/host.ts';

/*
 * Chooses the back end from configuration and host; its name is passed on with the plan. The iptables back end is loaded
 * only when it is used: it costs hosts with nftables nothing.
 */

/** Loads a back end. */
export async function backendNamed(name: BackendName): Promise<Backend> {
  if (name === 'nftables') return nftables;
  const { iptables } = await import('../backends/iptables/transaction.ts');
  return iptables(name === 'iptables-legacy' ? 'legacy' : 'nft');
}

/** All back ends, for callers that remove the rules of any of them. */
export function allBackends(): Promise<Backend[]> {
  const names: readonly BackendName[] = ['nftables', 'iptables-nft', 'iptables-legacy'];
  return Promise.all(names.map(backendNamed));
}

/** The back end in use, by default nftables. */
export function backendInUse(state: HostState): Promise<Backend> {
  return backendNamed(nameInUse(state) ?? 'nftables');
}

/** The back end in use, and the one that the configuration chooses instead; undefined if they are the same. */
export function otherBackend(
  state: HostState,
  wanted: BackendName | undefined,
): { from: BackendName; to: BackendName } | undefined {
  const from = nameInUse(state);
  return from === undefined || wanted === undefined || from === wanted ? undefined : { from, to: wanted };
}

/** The functions that list and compare the rules of the back end in use. */
export async function inspectionInUse(state: HostState): Promise<Inspection> {
  const name = nameInUse(state) ?? 'nftables';
  if (name === 'nftables') return (await import('../backends/nftables/inspection.ts')).inspection;
  const { inspection } = await import('../backends/iptables/inspection.ts');
  return inspection(name === 'iptables-legacy' ? 'legacy' : 'nft');
}

/** The back end that the configuration chooses on this host. */
export async function chooseBackend(policy: HostPolicy['backend'], state: HostState): Promise<BackendName> {
  if (policy === 'auto') return readChosenBackend() ?? (await askHost(state));
  return policy === 'iptables' ? iptablesHere(state) : policy;
}

function askHost(state: HostState): Promise<BackendName> {
  // Loaded only for the first choice after a boot.
  const ask = async () => (await import('./host-support.ts')).chooseByHost(state);
  // Without a state folder, this is a command that changes nothing, and no other process asks at the same time.
  return hasState() ? Promise.resolve(singleFlight(stateFiles.asking, readChosenBackend, ask)) : ask();
}

/** The variant of this host's iptables; if it cannot be read, the variant in use. */
function iptablesHere({ backend }: HostState): BackendName {
  const variant = iptablesVariant();
  if (variant === undefined && backend !== undefined && backend !== 'nftables') return backend;
  return `iptables-${variant ?? 'legacy'}`;
}
