import { type AddressFound, findAddress, type NicSurroundings } from '../events/addresses.ts';
import type { Domain } from '../events/domain.ts';
import type { LibvirtNetwork } from '../events/network.ts';
import type { Address } from '../model/address.ts';
import type { Element, NetworkElement } from '../model/element.ts';
import type { Guest } from '../model/guest.ts';
import type { GuestPolicy, GuestPolicyFound } from '../model/policy.ts';
import { formatProblem } from '../model/problem.ts';
import type { XmlNode } from '../model/xml.ts';
import { needsAddress, plan } from '../planner/plan.ts';
import { effectivePolicy } from '../policy/guest-policy.ts';
import { locate } from './configuration.ts';
import { networkElements } from './network-elements.ts';
import type { Reading } from './reading.ts';

/** What should be in the kernel for a guest, and what stands in the way. */
export interface Desired {
  readonly guest: Guest;
  /** Nobody said anything of this guest. */
  readonly silent: boolean;
  /** The guest may not start if there is a problem. */
  readonly deny: boolean;
  readonly address?: Address;
  readonly addressSource?: string;
  /** The card that has the address. */
  readonly addressMac?: string;
  /** Its address is what DHCP gave it, or will: it may come, or become another, at any time. */
  readonly byLease?: true;
  readonly elements: readonly Element[];
  /** What the networks of its cards, and those not known yet, need, by the network's (or else the bridge's) name. */
  readonly networks: { readonly [name: string]: readonly NetworkElement[] };
  readonly problems: readonly string[];
  /** Whether `elements` is all that can be said; otherwise what runs is left as it is. */
  readonly certain: boolean;
}

/**
 * Guest and policy as elements. Reads files, changes nothing.
 *
 * @param known whether a network's elements are in the kernel already
 */
export async function desire(
  { guest, metadata }: Domain,
  reading: Reading,
  known: (network: string) => boolean,
): Promise<Desired> {
  const { configuration } = reading;
  const {
    policy,
    problems: wrong,
    silent,
  } = effectivePolicy(guest, await inMetadata(metadata), configuration);
  const base = { guest, silent, deny: policy.onError === 'deny', elements: [], networks: {} };
  if (wrong.length > 0) {
    const located = await locate(wrong, configuration.files);
    return { ...base, problems: located.map(formatProblem), certain: false };
  }
  if (!needsAddress(policy)) return { ...base, problems: [], certain: true };
  const surroundings = await reading.surroundingsOf(guest);
  const found = findAddress(guest, policy.address, surroundings, 'ip', Date.now() / 1000);
  if (found.address === undefined) {
    return { ...base, problems: [addressMissing(found)], certain: found.refused, ...followed(policy) };
  }
  const { view, problems } = reading.hostView();
  const planned = plan(policy, found.address, view);
  return {
    ...base,
    address: found.address,
    addressSource: found.source,
    ...(found.byLease && followed(policy)),
    ...(found.nic?.mac !== undefined && { addressMac: found.nic.mac }),
    elements: planned.elements,
    networks: { ...elementsOf(await reading.liveNetworks(known)), ...networksOf(surroundings) },
    problems: [...problems, ...planned.problems],
    certain: true,
  };
}

/** An address that the administrator gave is the right one, or a mistake of his. */
function followed(policy: GuestPolicy): { byLease?: true } {
  return policy.address === undefined ? { byLease: true } : {};
}

/** Few guests have a policy in their XML: what reads it is loaded for those alone. */
async function inMetadata(metadata: XmlNode | undefined): Promise<GuestPolicyFound | undefined> {
  if (metadata === undefined) return undefined;
  const { parseMetadata } = await import('../policy/metadata.ts');
  return parseMetadata(metadata);
}

function addressMissing(found: AddressFound & { address?: undefined }): string {
  const advice =
    'it opens when its lease comes; to know it before, give it as address = "..." in its policy, or reserve one: virsh net-update NETWORK add ip-dhcp-host';
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

/** What each of these networks needs in the kernel: forwards for any address leave all gateways alone. */
export function elementsOf(networks: ReadonlyMap<string, LibvirtNetwork>): Desired['networks'] {
  const elements = [...networks].map(([name, network]) => [name, networkElements(network)] as const);
  return Object.assign(Object.create(null), Object.fromEntries(elements));
}
