import type { LibvirtNetwork } from '../libvirt/network.ts';
import { type Address, type Family, familyOf } from '../model/address.ts';
import { elementKey } from '../model/element.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { NetworkElement } from '../model/network-element.ts';
import type { HostPolicy } from '../model/policy.ts';
import type { HostState } from '../state/host-state.ts';
import { hostFamilies } from '../system/host.ts';
import type { HeldAddress } from '../system/uplinks.ts';

/**
 * The elements of a network, whichever guests are on it.
 *
 * @param nat the source addresses that the configuration gives it: see `network-nat.ts`
 * @param used the families that guests have elements of: they may have addresses that libvirt gives the network none of
 */
export function networkElements(
  { bridge, gateways, plain }: Pick<LibvirtNetwork, 'bridge' | 'gateways' | 'plain'>,
  nat: readonly NetworkElement[] = [],
  used: readonly Family[] = [],
): NetworkElement[] {
  // A guest brings what its bridge needs: see `bridgeElements()`.
  if (plain !== undefined) return [...nat];
  const known = hostFamilies();
  const own = gateways.map(({ address }) => address).filter((address) => known.includes(familyOf(address)));
  return [...hairpins(bridge, [...own.map(familyOf), ...used]), ...own.map(gateway), ...nat];
}

/** What decides whether an address on a bridge is public, or one that its guests know as their gateway. */
export interface BridgeFacts {
  /** The host's addresses that others can reach. */
  readonly own: readonly HeldAddress[];
  /** `interface` in `[host]`, and the interfaces of the default routes. */
  readonly uplinks: readonly (string | undefined)[];
}

/**
 * The elements of a bridge that belongs to no libvirt network. The host's addresses on it are left to the host: its guests ask
 * its services there. Where the bridge is an uplink, or an address is on another interface, too, it is public.
 */
export function bridgeElements(
  bridge: string,
  { own, uplinks }: BridgeFacts,
  used: readonly Family[],
): NetworkElement[] {
  const here = own.filter((one) => one.interface === bridge).map(({ address }) => address);
  const isElsewhere = (address: Address) =>
    own.some((one) => one.address === address && one.interface !== bridge);
  const uplink = uplinks.includes(bridge);
  const left = uplink ? [] : here.filter((address) => !isElsewhere(address));
  return [...hairpins(bridge, [...here.map(familyOf), ...used], uplink), ...left.map(gateway)];
}

function gateway(address: Address): NetworkElement {
  return { kind: 'gateway', address };
}

/** The key of the elements of `[host]` among those of networks: no network's name has a slash. */
export const outside = '/host';

/**
 * What several guests desire of all networks: the later counts. One may know of guests with IPv6 and another not, so that what
 * `[host]` and hairpins need is the sum.
 */
export function unitedNetworks(desired: readonly HostState['networks'][]): HostState['networks'] {
  const united: { [name: string]: readonly NetworkElement[] } = Object.create(null);
  for (const networks of desired)
    for (const [name, elements] of Object.entries(networks)) {
      const earlier = united[name];
      united[name] =
        earlier === undefined || earlier === elements
          ? elements
          : [...elements, ...earlier.filter((one) => isShared(one, name) && !isIn(one, elements))];
    }
  return united;
}

function isShared({ kind }: NetworkElement, network: string): boolean {
  return kind === 'hairpin' || network === outside;
}

function isIn(element: NetworkElement, elements: readonly NetworkElement[]): boolean {
  return elements.some((one) => elementKey(one) === elementKey(element));
}

/**
 * Where forwards without an address are reached from outside: `interface` in `[host]`. The kernel looks at the interface
 * that a packet comes by, so it may have whichever addresses it likes, and others tomorrow.
 */
export function outsideElements(
  { interfaces, addresses }: HostPolicy,
  families: readonly Family[],
): NetworkElement[] {
  if (interfaces === undefined || addresses !== undefined) return [];
  return families.flatMap((family) => {
    const of = family === 'ip6' ? { family } : {};
    return [
      { kind: 'restricted' as const, ...of },
      ...interfaces
        .filter(isInterfaceName)
        .map((name) => ({ kind: 'outside' as const, interface: name, ...of })),
    ];
  });
}

/** IPv4 in any case: the back ends always have its table. */
function hairpins(bridge: string | undefined, used: readonly Family[], uplink = false): NetworkElement[] {
  if (bridge === undefined || !isInterfaceName(bridge)) return [];
  const hairpin = { kind: 'hairpin' as const, bridge, ...(uplink && { uplink }) };
  return used.includes('ip6') ? [hairpin, { ...hairpin, family: 'ip6' }] : [hairpin];
}
