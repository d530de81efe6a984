import type { NicSurroundings } from '../libvirt/address-sources.ts';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import type { Family } from '../model/address.ts';
import type { NetworkElement } from '../model/network-element.ts';
import type { DesiredState } from './desired-state.ts';
import type { Reading } from './host-reading.ts';
import { bridgeElements } from './network-elements.ts';

/** The elements of the networks, or else bridges, that a guest's interfaces are on. */
export function networksOf(
  surroundings: readonly NicSurroundings[],
  reading: Reading,
  used: readonly Family[],
): DesiredState['networks'] {
  const networks: { [name: string]: readonly NetworkElement[] } = Object.create(null);
  for (const { nic, network } of surroundings) {
    if (network !== undefined) networks[network.name] = reading.elementsOf(network, used);
    // A network of libvirt's that only names a bridge gives it no addresses.
    if (nic.bridge !== undefined && (network?.gateways.length ?? 0) === 0)
      networks[`bridge ${nic.bridge}`] = bridgeElements(nic.bridge, reading.bridgeFacts(), used);
  }
  return networks;
}

/** The elements of each of these networks: forwards for any address must not take a gateway's ports. */
export function elementsOf(
  networks: ReadonlyMap<string, LibvirtNetwork>,
  reading: Reading,
  used: readonly Family[],
): DesiredState['networks'] {
  const elements = [...networks].map(([name, network]) => [name, reading.elementsOf(network, used)] as const);
  return Object.assign(Object.create(null), Object.fromEntries(elements));
}
