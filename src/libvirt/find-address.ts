import {
  type Address,
  contains,
  type Family,
  familyName,
  familyOf,
  isNetworkOrBroadcast,
} from '../model/address.ts';
import type { Guest, Nic } from '../model/guest.ts';
import { type HostEntry, type Lease, parseHostsFile, parseLeases } from './leases.ts';
import type { LibvirtNetwork } from './network.ts';

/** What the host's files say about the network of one interface. */
export interface NicSurroundings {
  readonly nic: Nic;
  readonly network?: LibvirtNetwork;
  /** The files that were looked for, and their contents where there is one. */
  readonly hostsFile?: { readonly path: string; readonly text?: string };
  readonly leases?: { readonly path: string; readonly text?: string };
  /** Where the network's definition was looked for. */
  readonly networkFiles: readonly string[];
}

export type AddressFound =
  | { readonly address: Address; readonly nic?: Nic; readonly source: string; readonly byLease?: true }
  | AddressMissing;

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
}

interface Candidate {
  readonly address: Address;
  readonly source: string;
  readonly byLease?: true;
}

/**
 * Finds a guest's address of one family: as the policy gives it, else, interface by interface, from the domain XML, from the
 * network's DHCP reservations, from its leases. Every candidate must lie inside the interface's network and must
 * not be the host's own: leases are influenced by guests.
 *
 * @param given what the policy says, of that family
 * @param now seconds since 1970; leases that ended before are not used
 */
export function findAddress(
  guest: Guest,
  given: Address | undefined,
  surroundings: readonly NicSurroundings[],
  family: Family,
  now: number,
): AddressFound {
  if (given !== undefined) return checkGiven(given, surroundings);
  if (surroundings.length === 0)
    return { tried: ['the domain XML has no <interface>'], refused: false, noInterface: true };
  const tried: string[] = [];
  let refused = false;
  const inXml = surroundings.some(({ nic }) => nic.addresses.some((address) => familyOf(address) === family));
  for (const around of surroundings) {
    for (const { candidates, description } of sources(guest, around, family, inXml, now)) {
      const fitting = candidates.filter(({ address }) => familyOf(address) === family);
      for (const { address, source, byLease } of fitting) {
        const objection = objectionTo(address, around.network);
        if (objection === undefined) return { address, nic: around.nic, source, ...(byLease && { byLease }) };
        tried.push(`${source} says ${address}, ${objection}`);
        refused = true;
      }
      if (fitting.length === 0) tried.push(description);
    }
  }
  const without = surroundings.filter(({ network }) => network !== undefined && isWithout(network, family));
  const impossible = without.length === surroundings.length;
  return { tried: [...new Set(tried)], refused, ...(impossible && { impossible }) };
}

function checkGiven(address: Address, surroundings: readonly NicSurroundings[]): AddressFound {
  const objections: string[] = [];
  const sure = surroundings.filter(({ network }) =>
    network?.gateways.some(({ network: one }) => contains(one, address)),
  );
  for (const { nic, network } of [...sure, ...surroundings]) {
    const objection = objectionTo(address, network);
    if (objection === undefined) return { address, nic, source: 'the policy' };
    objections.push(`the policy says ${address}, ${objection}`);
  }
  if (objections.length === 0) return { address, source: 'the policy' };
  return { tried: [...new Set(objections)], refused: true };
}

/** Why a guest cannot have this address on this network; undefined if it can, or if that is unknown. */
function objectionTo(address: Address, network: LibvirtNetwork | undefined): string | undefined {
  if (contains('fe80::/10', address)) return 'which is reachable only from its own link';
  const gateways =
    network?.gateways.filter((gateway) => familyOf(gateway.address) === familyOf(address)) ?? [];
  if (network === undefined || gateways.length === 0) return undefined;
  if (gateways.some((gateway) => gateway.address === address)) return `which is the host's own address on it`;
  const around = gateways.find((gateway) => contains(gateway.network, address));
  if (around === undefined) {
    return `which is outside ${gateways.map((gateway) => gateway.network).join(', ')} (network "${network.name}")`;
  }
  return isNetworkOrBroadcast(around.network, address)
    ? `which is the network or broadcast address of ${around.network}`
    : undefined;
}

/** @param inXml whether the XML gives any of the guest's interfaces an address: where it gives none, one sentence says so for all */
function* sources(
  guest: Guest,
  around: NicSurroundings,
  family: Family,
  inXml: boolean,
  now: number,
): Generator<{ candidates: Candidate[]; description: string }> {
  const { nic, network, hostsFile, leases } = around;
  const label = nic.mac ?? 'an interface without MAC address';
  yield {
    candidates: nic.addresses.map((address) => ({ address, source: 'the domain XML' })),
    description: `the domain XML gives no <ip address=>${inXml ? ` for ${label}` : ''}`,
  };
  if (network !== undefined && isWithout(network, family)) {
    yield { candidates: [], description: `network "${network.name}" has no ${familyName(family)}` };
    return;
  }
  if (around.networkFiles.length > 0) {
    yield {
      candidates: reservations(guest, nic, network).map((address) => ({
        address,
        source: 'a DHCP reservation',
      })),
      description: `no DHCP reservation for ${label} in ${around.networkFiles.join(', ')}`,
    };
  }
  if (hostsFile !== undefined) {
    const found = parseHostsFile(hostsFile.text ?? '').filter((entry) => isFor(entry, guest, nic));
    yield {
      candidates: found.map(({ address }) => ({ address, source: hostsFile.path })),
      description: `no entry in ${hostsFile.path}${hostsFile.text === undefined ? ' (no such file)' : ''}`,
    };
  }
  if (leases !== undefined) {
    const { valid, expired } = leasesOf(nic, leases.text ?? '', now);
    const why = leases.text === undefined ? ' (no such file)' : expired > 0 ? ` (${expired} expired)` : '';
    yield {
      candidates: valid.map(({ address }) => ({
        address,
        source: `the lease in ${leases.path}`,
        byLease: true as const,
      })),
      description: `no lease in ${leases.path}${why}`,
    };
  }
}

/** Where libvirt gives a network addresses, but none of a family, dnsmasq has none to give away either. */
function isWithout({ gateways }: LibvirtNetwork, family: Family): boolean {
  return gateways.length > 0 && !gateways.some(({ address }) => familyOf(address) === family);
}

function reservations(guest: Guest, nic: Nic, network: LibvirtNetwork | undefined): Address[] {
  return (network?.reservations ?? [])
    .filter((entry) => isFor(entry, guest, nic))
    .map((entry) => entry.address);
}

/** For IPv6 the MAC address is the one in the client's identifier, which may be of another interface: the name counts too. */
function isFor({ mac, name, address }: HostEntry, guest: Guest, nic: Nic): boolean {
  const named = name === guest.name && (mac === undefined || familyOf(address) === 'ip6');
  return named || (mac !== undefined && mac === nic.mac);
}

/** The interface's leases, the one that ends last first: older ones are left over from other days. */
function leasesOf(nic: Nic, text: string, now: number): { valid: Lease[]; expired: number } {
  const own = parseLeases(text).filter((lease) => lease.mac === nic.mac);
  const valid = own.filter((lease) => (lease.expires ?? Infinity) > now);
  return {
    valid: valid.sort((a, b) => (b.expires ?? Infinity) - (a.expires ?? Infinity)),
    expired: own.length - valid.length,
  };
}
