import { type Address, contains, type Family, familyOf, isNetworkOrBroadcast } from '../model/address.ts';
import type { Guest, Nic } from '../model/guest.ts';
import { type Lease, parseHostsFile, parseLeases } from './leases.ts';
import type { LibvirtNetwork } from './network.ts';

/** What the host's files say about the network of one card. */
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
  | { readonly address: Address; readonly nic?: Nic; readonly source: string; readonly byLease?: boolean }
  /** `tried` names each source and what it said. */
  | { readonly address?: undefined; readonly tried: readonly string[]; readonly refused: boolean };

interface Candidate {
  readonly address: Address;
  readonly source: string;
  readonly byLease?: true;
}

/**
 * Finds the address of a guest: as the policy gives it, else, card by card, from the domain XML, from the
 * network's DHCP reservations, from its leases. Every candidate must lie inside the card's network and must
 * not be the host's own: leases are influenced by guests.
 *
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
  const tried: string[] = [];
  let refused = false;
  for (const around of surroundings) {
    for (const { candidates, description } of sources(guest, around, now)) {
      const fitting = candidates.filter(({ address }) => familyOf(address) === family);
      for (const { address, source, byLease = false } of fitting) {
        const objection = objectionTo(address, around.network);
        if (objection === undefined) return { address, nic: around.nic, source, byLease };
        tried.push(`${source} says ${address}, ${objection}`);
        refused = true;
      }
      if (fitting.length === 0) tried.push(description);
    }
  }
  if (surroundings.length === 0) tried.push('the domain XML has no <interface>');
  return { tried, refused };
}

function checkGiven(address: Address, surroundings: readonly NicSurroundings[]): AddressFound {
  const objections: string[] = [];
  for (const { nic, network } of surroundings) {
    const objection = objectionTo(address, network);
    if (objection === undefined) return { address, nic, source: 'the policy' };
    objections.push(`the policy says ${address}, ${objection}`);
  }
  return objections.length === 0 ? { address, source: 'the policy' } : { tried: objections, refused: true };
}

/** Why a guest cannot have this address on this network; undefined if it can, or if nobody knows. */
function objectionTo(address: Address, network: LibvirtNetwork | undefined): string | undefined {
  const gateways =
    network?.gateways.filter((gateway) => familyOf(gateway.address) === familyOf(address)) ?? [];
  if (network === undefined || gateways.length === 0) return undefined;
  if (gateways.some((gateway) => gateway.address === address)) return `which is the host's own address on it`;
  const around = gateways.find((gateway) => contains(gateway.network, address));
  if (around === undefined) {
    return `which is outside ${gateways.map((gateway) => gateway.network).join(', ')} (network "${network.name}")`;
  }
  return isNetworkOrBroadcast(around.network, address)
    ? `which is no host's address in ${around.network}`
    : undefined;
}

function* sources(
  guest: Guest,
  around: NicSurroundings,
  now: number,
): Generator<{ candidates: Candidate[]; description: string }> {
  const { nic, network, hostsFile, leases } = around;
  const card = nic.mac ?? 'a card without MAC address';
  yield {
    candidates: nic.addresses.map((address) => ({ address, source: 'the domain XML' })),
    description: `the domain XML gives no <ip address=> for ${card}`,
  };
  if (around.networkFiles.length > 0) {
    yield {
      candidates: reservations(guest, nic, network).map((address) => ({
        address,
        source: 'a DHCP reservation',
      })),
      description: `no DHCP reservation for ${card} in ${around.networkFiles.join(', ')}`,
    };
  }
  if (hostsFile !== undefined) {
    const found = parseHostsFile(hostsFile.text ?? '').filter(({ mac }) => mac === nic.mac);
    yield {
      candidates: found.map(({ address }) => ({ address, source: hostsFile.path })),
      description: `none in ${hostsFile.path}${hostsFile.text === undefined ? ' (no such file)' : ''}`,
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

function reservations(guest: Guest, nic: Nic, network: LibvirtNetwork | undefined): Address[] {
  return (network?.reservations ?? [])
    .filter((entry) => (entry.mac === undefined ? entry.name === guest.name : entry.mac === nic.mac))
    .map((entry) => entry.address);
}

/** The card's leases, the one that ends last first: older ones are left over from other days. */
function leasesOf(nic: Nic, text: string, now: number): { valid: Lease[]; expired: number } {
  const own = parseLeases(text).filter((lease) => lease.mac === nic.mac);
  const valid = own.filter((lease) => (lease.expires ?? Infinity) > now);
  return {
    valid: valid.sort((a, b) => (b.expires ?? Infinity) - (a.expires ?? Infinity)),
    expired: own.length - valid.length,
  };
}
