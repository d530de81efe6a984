import type { LibvirtNetwork } from '../libvirt/network.ts';
import { familyOf } from '../model/address.ts';
import type { NetworkElement } from '../model/element.ts';
import { quoted } from '../model/problem.ts';
import type { HostView } from '../planner/plan.ts';
import { type NetworkPlan, planNetwork } from '../planner/plan-network.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { hostFamilies } from '../system/host.ts';
import type { LoadedConfiguration } from './configuration.ts';

/** What the configuration and the host say. */
interface Sources {
  readonly configuration: LoadedConfiguration;
  readonly hostView: () => HostView;
}

/**
 * What the configuration wants of a network. Where a mistake in it keeps that from being known, the network keeps what
 * it has.
 */
export function networkNat({ name, gateways }: LibvirtNetwork, reading: Sources): NetworkPlan {
  const { networks, unread, hostUnknown } = reading.configuration;
  const found = networks.get(name);
  const wrong = [...(found?.problems ?? []), ...(found === undefined ? unread : []), ...hostUnknown];
  if (wrong.length > 0) return { elements: natOf(readHostState().networks[name]), problems: [] };
  if (found?.policy.snat === undefined) return { elements: [], problems: [] };
  const families = hostFamilies();
  const prefixes = gateways.map(({ network }) => network).filter((one) => families.includes(familyOf(one)));
  const { elements, problems } = planNetwork(found.policy, prefixes, reading.hostView());
  return { elements, problems: problems.map((problem) => `network ${quoted(name)}: ${problem}`) };
}

/** Of a network's elements those that the configuration wants of it: they do not wait for a guest. */
export function natOf(elements: readonly NetworkElement[] = []): NetworkElement[] {
  return elements.filter(({ kind }) => kind === 'network-nat');
}

/** The networks that something is wanted of. */
export function withNat(networks: HostState['networks']): HostState['networks'] {
  return Object.fromEntries(Object.entries(networks).filter(([, elements]) => natOf(elements).length > 0));
}
