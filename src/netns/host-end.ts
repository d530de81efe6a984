import { type Address, familyOf } from '../model/address.ts';
import type { NamespaceLink, PlacedAddress } from '../model/namespace.ts';

/* Lines of ip-batch(8) that namespaces and guests of a shared one have alike. */

/** A link that is a pair of veth devices, one of them on the host. */
type PairLink = Extract<NamespaceLink, { kind: 'own' | 'bridge' }>;

/**
 * What the host's end of a pair gets once the pair is there: the address of a router and routes to the guest, or a bridge. Neighbours on a
 * bridge hear from a guest as soon as the port is up: that is `bridgePortUp()`, behind the rules of the guest. Pure.
 */
export function hostEndLines(
  hostEnd: string,
  link: PairLink,
  addresses: readonly PlacedAddress[],
  gateways: readonly Address[],
): string[] {
  if (link.kind === 'bridge') return [`link set ${hostEnd} master ${link.bridge}`];
  return [
    ...gateways.map((gateway) => `addr add ${single(gateway)} dev ${hostEnd}${withoutWaiting(gateway)}`),
    `link set ${hostEnd} up`,
    ...addresses.map(({ address }) => `route add ${single(address)} dev ${hostEnd}`),
  ];
}

/** An address that the administrator gave is used from the start: no other machine is asked for it. */
export function withoutWaiting(address: Address): string {
  return familyOf(address) === 'ip6' ? ' nodad' : '';
}

/** `10.200.1.2/32`: the address alone. */
export function single(address: Address): string {
  return `${address}/${familyOf(address) === 'ip' ? 32 : 128}`;
}

/** `10.200.1.2/24`. */
export function placed({ address, prefix }: PlacedAddress): string {
  return `${address}/${prefix}`;
}

/** What is left to be done when the guest has its rules, and may be done again. Pure. */
export function bridgePortUp(hostEnd: string, link: NamespaceLink): string[] {
  return link.kind === 'bridge' ? [`link set ${hostEnd} up`] : [];
}
