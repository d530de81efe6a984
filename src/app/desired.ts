import { type AddressFound, findAddress, type NicSurroundings } from '../events/addresses.ts';
import type { Address } from '../model/address.ts';
import type { Element, NetworkElement } from '../model/element.ts';
import type { Guest } from '../model/guest.ts';
import type { HostPolicy } from '../model/policy.ts';
import { formatProblem } from '../model/problem.ts';
import type { XmlNode } from '../model/xml.ts';
import { type HostView, needsAddress, plan } from '../planner/plan.ts';
import { effectivePolicy } from '../policy/guest-policy.ts';
import { defaultRouteInterface, interfaceAddresses } from '../system/host.ts';
import { type LoadedConfiguration, locate } from './configuration.ts';
import { networkElements, surroundingsOf } from './surroundings.ts';

/** What should be in the kernel for a guest, and what stands in the way. */
export interface Desired {
  readonly guest: Guest;
  /** Nobody said anything of this guest. */
  readonly silent: boolean;
  /** The guest may not start if there is a problem. */
  readonly deny: boolean;
  readonly address?: Address;
  readonly addressSource?: string;
  readonly elements: readonly Element[];
  /** What the networks of its cards need, by the network's (or else the bridge's) name. */
  readonly networks: { readonly [name: string]: readonly NetworkElement[] };
  readonly problems: readonly string[];
  /** Whether `elements` is all that can be said; otherwise what runs is left as it is. */
  readonly certain: boolean;
}

/** Guest and policy as elements. Reads files, changes nothing. */
export async function desire(
  guest: Guest,
  metadata: XmlNode | undefined,
  configuration: LoadedConfiguration,
): Promise<Desired> {
  const { policy, problems: wrong, silent } = effectivePolicy(guest, metadata, configuration);
  const base = { guest, silent, deny: policy.onError === 'deny', elements: [], networks: {} };
  if (wrong.length > 0) {
    const located = await locate(wrong, configuration.files);
    return { ...base, problems: located.map(formatProblem), certain: false };
  }
  if (!needsAddress(policy)) return { ...base, problems: [], certain: true };
  const surroundings = surroundingsOf(guest);
  const found = findAddress(guest, policy.address, surroundings, 'ip', Date.now() / 1000);
  if (found.address === undefined) {
    return { ...base, problems: [addressMissing(found)], certain: found.refused };
  }
  const { view, problems } = hostView(configuration.host);
  const planned = plan(policy, found.address, view);
  return {
    ...base,
    address: found.address,
    addressSource: found.source,
    elements: planned.elements,
    networks: networksOf(surroundings),
    problems: [...problems, ...planned.problems],
    certain: true,
  };
}

function addressMissing(found: AddressFound & { address?: undefined }): string {
  const advice =
    'give it as address = "..." in its policy, or reserve one: virsh net-update NETWORK add ip-dhcp-host';
  return `its address is not known: ${found.tried.join('; ')} (${advice})`;
}

function networksOf(surroundings: readonly NicSurroundings[]): Desired['networks'] {
  const networks: { [name: string]: readonly NetworkElement[] } = Object.create(null);
  for (const { nic, network } of surroundings) {
    if (network !== undefined) networks[network.name] = networkElements(network);
    else if (nic.bridge !== undefined)
      networks[`bridge ${nic.bridge}`] = networkElements({ bridge: nic.bridge, gateways: [] });
  }
  return networks;
}

/** What the configuration leaves open, as the host is now. */
export function hostView(host: HostPolicy): { view: HostView; problems: string[] } {
  const own = interfaceAddresses();
  const publicSide = host.interfaces ?? [defaultRouteInterface()].filter((name) => name !== undefined);
  const view = {
    addresses: host.addresses ?? (host.interfaces === undefined ? 'any' : addressesOn(host.interfaces, own)),
    interfacesOf: (address: Address) => {
      const holding = own.filter((one) => one.address === address).map((one) => one.interface);
      return holding.length > 0 ? [...new Set(holding)] : publicSide;
    },
  } satisfies HostView;
  const without = view.addresses !== 'any' && view.addresses.length === 0;
  return {
    view,
    problems: without ? [`[host] interface ${host.interfaces?.join(', ')} has no IPv4 address`] : [],
  };
}

function addressesOn(interfaces: readonly string[], own: ReturnType<typeof interfaceAddresses>): Address[] {
  const wanted = new Set(interfaces.map((name) => name.split(':')[0]));
  return own.filter((one) => wanted.has(one.interface)).map((one) => one.address);
}
