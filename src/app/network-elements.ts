import type { LibvirtNetwork } from '../events/network.ts';
import { familyOf } from '../model/address.ts';
import type { NetworkElement } from '../model/element.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { hostFamilies } from '../system/host.ts';

/**
 * What a network needs in the kernel, whichever guests are on it.
 *
 * @param nat what the configuration wants of it: see `network-nat.ts`
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

/** What a bridge needs that is no libvirt network's: in IPv6 only where the host has an address on it. */
export function bridgeElements(
  bridge: string,
  own: readonly { readonly interface: string; readonly address: string }[],
): NetworkElement[] {
  return hairpins(
    bridge,
    own.some((one) => one.interface === bridge && familyOf(one.address) === 'ip6'),
  );
}

function hairpins(bridge: string | undefined, withIp6: boolean): NetworkElement[] {
  if (bridge === undefined || !isInterfaceName(bridge)) return [];
  const hairpin = { kind: 'hairpin' as const, bridge };
  return withIp6 ? [hairpin, { ...hairpin, family: 'ip6' }] : [hairpin];
}
