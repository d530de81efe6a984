import type { LibvirtNetwork } from '../libvirt/network.ts';
import { familyOf } from '../model/address.ts';
import { type Finding, findingsOf } from '../model/finding.ts';
import { isOfPolicy, isStanding, type NetworkElement } from '../model/network-element.ts';
import type { HostView } from '../planner/host-view.ts';
import { asksForRules, planNetwork } from '../planner/plan-network.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { hostFamilies } from '../system/host.ts';
import type { LoadedConfiguration } from './configuration.ts';

interface Sources {
  readonly configuration: LoadedConfiguration;
  readonly hostView: () => HostView;
}

/** What a network's policy asks for, and its problems. */
export interface NetworkNat {
  readonly elements: readonly NetworkElement[];
  readonly problems: readonly Finding[];
}

/** What the configuration gives a network. With a mistake in its policy, the network keeps what it has. */
export function networkNat({ name, bridge, gateways, plain }: LibvirtNetwork, reading: Sources): NetworkNat {
  const { networks, unread, hostUnknown } = reading.configuration;
  const found = networks.get(name);
  const wrong = [...(found?.problems ?? []), ...(found === undefined ? unread : []), ...hostUnknown];
  if (wrong.length > 0) return { elements: ofPolicy(readHostState().networks[name]), problems: [] };
  if (found === undefined || !asksForRules(found.policy)) return { elements: [], problems: [] };
  const families = hostFamilies();
  const all = plain ?? gateways.map(({ network }) => network);
  const prefixes = all.filter((one) => families.includes(familyOf(one)));
  const place = { bridge, prefixes, plain: plain !== undefined };
  const { elements, problems } = planNetwork(found.policy, place, reading.hostView());
  return { elements, problems: findingsOf({ network: name }, problems) };
}

/** The elements of a network that its policy asks for: they do not wait for a guest. */
export function ofPolicy(elements: readonly NetworkElement[] = []): NetworkElement[] {
  return elements.filter(isOfPolicy);
}

/** The networks that have elements which do not wait for a guest. */
export function withStanding(networks: HostState['networks']): HostState['networks'] {
  return Object.fromEntries(Object.entries(networks).filter(([, elements]) => elements.some(isStanding)));
}
