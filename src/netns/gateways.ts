import { type Address, contains, familyOf, networkOf, numberedAddress } from '../model/address.ts';
import type { NamespaceRequest, PlacedAddress } from '../model/namespace.ts';
import type { NamespaceFacts } from './namespace-facts.ts';

/** How a namespace, or a guest in it, is connected. */
export type Connection = Pick<NamespaceRequest, 'addresses' | 'link' | 'gateways'>;

/** The routers of a namespace: those that were given, or derived ones. Pure. */
export function gatewaysOf({ addresses, link, gateways }: Connection, facts: NamespaceFacts): Address[] {
  const firsts = (['ip', 'ip6'] as const).flatMap(
    (family) => addresses.find(({ address }) => familyOf(address) === family) ?? [],
  );
  return firsts.flatMap((first) => {
    const family = familyOf(first.address);
    const given = gateways.find((one) => familyOf(one) === family);
    if (given !== undefined) return [given];
    if (link.kind === 'shared') return [];
    return (link.kind === 'own' ? ownGateway(first) : foundGateway(first, link, facts)) ?? [];
  });
}

/** The first address of the network, or the second, if the namespace has the first. */
export function ownGateway({ address, prefix }: PlacedAddress): Address | undefined {
  const network = networkOf(address, prefix);
  return [1, 2]
    .map((number) => numberedAddress(network, number))
    .find((candidate) => candidate !== undefined && candidate !== address);
}

/** The router that the host itself uses there, or the host, if it has an address in that network on the bridge. */
function foundGateway(
  { address, prefix }: PlacedAddress,
  link: Exclude<NamespaceRequest['link'], { kind: 'own' | 'shared' }>,
  { held, routers }: NamespaceFacts,
): Address | undefined {
  const network = networkOf(address, prefix);
  const device = link.kind === 'bridge' ? link.bridge : link.uplink;
  const isThere = (one: { interface: string; address: Address }) =>
    one.interface === device && contains(network, one.address) && one.address !== address;
  // Behind a VLAN's tag is another network than that of the uplink.
  const router = link.kind === 'vlan' ? undefined : routers.find(isThere);
  return router?.address ?? (link.kind === 'bridge' ? held.find(isThere)?.address : undefined);
}
