import { type Address, contains, type Family, familyOf, isNetworkOrBroadcast } from '../model/address.ts';
import type { Guest, Nic } from '../model/guest.ts';
import {
  type AddressSource,
  addressSources,
  isWithout,
  lacksDhcp,
  type NicSurroundings,
  type NoDhcp,
} from './address-sources.ts';
import type { GuestRun } from './interface-leases.ts';

export type AddressFound = AddressKnown | AddressMissing;

export interface AddressKnown {
  readonly address: Address;
  readonly nic?: Nic;
  readonly source: string;
  /** A DHCP lease, or another one, may give the interface another address at any time. */
  readonly byDhcp?: true;
  /** The other addresses of which the interface has a lease that is in use. */
  readonly otherLeases?: readonly Address[];
  /** The address that is reserved for the interface, where its lease is for another one. */
  readonly reserved?: Address;
}

export interface AddressMissing {
  readonly address?: undefined;
  /** Each source and what it said. */
  readonly tried: readonly string[];
  /** Something was found that cannot be. */
  readonly refused: boolean;
  /** The networks of all its interfaces are known, and none has addresses of this family. */
  readonly impossible?: true;
  /** The guest has no interface that could get an address. */
  readonly noInterface?: true;
  /** libvirt gives none of its interfaces an address, so that no lease of libvirt's can come: see `lacksDhcp()`. */
  readonly noDhcp?: NoDhcp;
}

/**
 * Finds a guest's address of one family: as the policy gives it, else, interface by interface, from the places that
 * `addressSources()` lists. Every candidate must lie inside the interface's network and must not be the host's own:
 * leases are influenced by guests.
 *
 * @param given what the policy says, of that family
 */
export function findAddress(
  guest: Guest,
  given: Address | undefined,
  surroundings: readonly NicSurroundings[],
  family: Family,
  run: GuestRun,
): AddressFound {
  if (given !== undefined) return checkGiven(given, surroundings);
  if (surroundings.length === 0)
    return { tried: ['the domain XML has no <interface>'], refused: false, noInterface: true };
  const tried: string[] = [];
  let refused = false;
  const inXml = surroundings.some(({ nic }) => nic.addresses.some((address) => familyOf(address) === family));
  for (const around of surroundings) {
    const sources = addressSources(guest, around, family, run, inXml);
    for (const { kind, name, addresses, description } of sources) {
      for (const address of addresses) {
        const objection = objectionTo(address, around);
        if (objection === undefined)
          return {
            address,
            nic: around.nic,
            source: name,
            ...(kind !== 'xml' && around.leases !== undefined && { byDhcp: true as const }),
            ...(kind === 'lease' && besides(address, sources, around)),
          };
        tried.push(`${name} says ${address}, ${objection}`);
        refused = true;
      }
      if (addresses.length === 0 && description !== undefined) tried.push(description);
    }
  }
  const without = surroundings.filter(({ network }) => network !== undefined && isWithout(network, family));
  const impossible = without.length === surroundings.length;
  const noDhcp = noDhcpOf(surroundings);
  return {
    tried: [...new Set(tried)],
    refused,
    ...(impossible && { impossible }),
    ...(noDhcp !== undefined && { noDhcp }),
  };
}

/** Of several interfaces, one that is on a bridge may be the one to give an address for. */
function noDhcpOf(surroundings: readonly NicSurroundings[]): NoDhcp | undefined {
  const found = surroundings.map(lacksDhcp);
  if (found.includes(undefined)) return undefined;
  return found.includes('foreign-dhcp') ? 'foreign-dhcp' : 'off-host';
}

/** What differs from the lease that counts: other leases that are in use, and a reservation. */
function besides(
  address: Address,
  sources: readonly AddressSource[],
  around: NicSurroundings,
): Pick<AddressKnown, 'otherLeases' | 'reserved'> {
  const possible = (kind: AddressSource['kind']) =>
    sources
      .filter((source) => source.kind === kind)
      .flatMap(({ addresses }) => addresses.filter((one) => objectionTo(one, around) === undefined));
  const otherLeases = [...new Set(possible('lease'))].filter((other) => other !== address);
  const reservations = possible('reservation');
  const [reserved] = reservations.includes(address) ? [] : reservations;
  return {
    ...(otherLeases.length > 0 && { otherLeases }),
    ...(reserved !== undefined && { reserved }),
  };
}

/** What the policy says may also lie outside the interface's network, if the host routes it to the interface. */
export function checkGiven(address: Address, surroundings: readonly NicSurroundings[]): AddressFound {
  const objections: string[] = [];
  const sure = surroundings.filter(
    ({ network, isRouted }) =>
      network?.gateways.some(({ network: one }) => contains(one, address)) || isRouted?.(address),
  );
  for (const around of [...sure, ...surroundings]) {
    const objection = objectionTo(address, around, true);
    if (objection === undefined) return { address, nic: around.nic, source: 'the policy' };
    objections.push(`the policy says ${address}, ${objection}`);
  }
  if (objections.length === 0) return { address, source: 'the policy' };
  return { tried: [...new Set(objections)], refused: true };
}

/**
 * Why a guest cannot have this address on this interface; undefined if it can, or if that is unknown.
 *
 * @param mayBeRouted whether it may lie outside the interface's network
 */
export function objectionTo(
  address: Address,
  { network, nic, isOwn, isRouted }: NicSurroundings,
  mayBeRouted = false,
): string | undefined {
  if (contains('fe80::/10', address)) return 'which is reachable only from its own link';
  if (isOwn?.(address)) return "which is the host's own address";
  const gateways =
    network?.gateways.filter((gateway) => familyOf(gateway.address) === familyOf(address)) ?? [];
  if (network === undefined || gateways.length === 0) return undefined;
  if (gateways.some((gateway) => gateway.address === address)) return `which is the host's own address on it`;
  const around = gateways.find((gateway) => contains(gateway.network, address));
  if (around === undefined) {
    if (mayBeRouted && isRouted?.(address)) return undefined;
    const networks = gateways.map((gateway) => gateway.network).join(', ');
    const unrouted =
      mayBeRouted && nic.bridge !== undefined
        ? `, and the host has no route to it through ${nic.bridge}`
        : '';
    return `which is outside ${networks} (network "${network.name}")${unrouted}`;
  }
  return isNetworkOrBroadcast(around.network, address)
    ? `which is the network or broadcast address of ${around.network}`
    : undefined;
}
