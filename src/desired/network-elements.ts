import type { LibvirtNetwork } from '../libvirt/network.ts';
import { type Family, familyOf } from '../model/address.ts';
import { elementKey, type NetworkElement } from '../model/element.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { HostPolicy } from '../model/policy.ts';
import type { HostState } from '../state/host-state.ts';
import { hostFamilies } from '../system/host.ts';

/**
 * The elements of a network, whichever guests are on it.
 *
 * @param nat the source addresses that the configuration gives it: see `network-nat.ts`
 */
export function networkElements(
  { bridge, gateways }: Pick<LibvirtNetwork, 'bridge' | 'gateways'>,
  nat: readonly NetworkElement[] = [],
): NetworkElement[] {
  const known = hostFamilies();
  const own = gateways.filter(({ address }) => known.includes(familyOf(address)));
  const withIp6 = own.some(({ address }) => familyOf(address) === 'ip6');
  const left = own.map(({ address }) => ({ kind: 'gateway' as const, address }));
  return [...hairpins(bridge, withIp6), ...left, ...nat];
}

/** The elements of a bridge that belongs to no libvirt network: in IPv6 only if the host has an address on it. */
export function bridgeElements(
  bridge: string,
  own: readonly { readonly interface: string; readonly address: string }[],
): NetworkElement[] {
  return hairpins(
    bridge,
    own.some((one) => one.interface === bridge && familyOf(one.address) === 'ip6'),
  );
}

/** The key of the elements of `[host]` among those of networks: no network's name has a slash. */
export const outside = '/host';

/** What several guests desire of all networks: of `[host]`, one may know of IPv6 and another not. */
export function unitedNetworks(desired: readonly HostState['networks'][]): HostState['networks'] {
  const united = Object.assign(Object.create(null), ...desired);
  const all = desired.flatMap((networks) => networks[outside] ?? []);
  const byKey = new Map(all.map((element) => [elementKey(element), element]));
  return outside in united ? Object.assign(united, { [outside]: [...byKey.values()] }) : united;
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

function hairpins(bridge: string | undefined, withIp6: boolean): NetworkElement[] {
  if (bridge === undefined || !isInterfaceName(bridge)) return [];
  const hairpin = { kind: 'hairpin' as const, bridge };
  return withIp6 ? [hairpin, { ...hairpin, family: 'ip6' }] : [hairpin];
}
