import type { LibvirtNetwork } from '../libvirt/network.ts';
import { familyOf } from '../model/address.ts';
import { isStanding, type NetworkElement } from '../model/element.ts';
import { type Finding, findingsOf } from '../model/finding.ts';
import type { HostView } from '../planner/host-view.ts';
import { planNetwork } from '../planner/plan-network.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { hostFamilies } from '../system/host.ts';
import type { LoadedConfiguration } from './configuration.ts';

interface Sources {
  readonly configuration: LoadedConfiguration;
  readonly hostView: () => HostView;
}

/** The source addresses of a network, and the problems of its policy. */
export interface NetworkNat {
  readonly elements: readonly NetworkElement[];
  readonly problems: readonly Finding[];
}

/** The source addresses that the configuration gives a network. With a mistake in its policy, the network keeps what it has. */
export function networkNat({ name, gateways }: LibvirtNetwork, reading: Sources): NetworkNat {
  const { networks, unread, hostUnknown } = reading.configuration;
  const found = networks.get(name);
  const wrong = [...(found?.problems ?? []), ...(found === undefined ? unread : []), ...hostUnknown];
  if (wrong.length > 0) return { elements: natOf(readHostState().networks[name]), problems: [] };
  if (found?.policy.snat === undefined) return { elements: [], problems: [] };
  const families = hostFamilies();
  const prefixes = gateways.map(({ network }) => network).filter((one) => families.includes(familyOf(one)));
  const { elements, problems } = planNetwork(found.policy, prefixes, reading.hostView());
  return { elements, problems: findingsOf({ network: name }, problems) };
}

/** The elements of a network that its policy asks for: they do not wait for a guest. */
export function natOf(elements: readonly NetworkElement[] = []): NetworkElement[] {
  return elements.filter(({ kind }) => kind === 'network-nat');
}

/** The networks that have elements which do not wait for a guest. */
export function withStanding(networks: HostState['networks']): HostState['networks'] {
  return Object.fromEntries(Object.entries(networks).filter(([, elements]) => elements.some(isStanding)));
}
