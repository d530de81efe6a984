import { type Address, type Family, familyName, familyOf } from '../model/address.ts';
import type { Guest, Nic } from '../model/guest.ts';
import { type GuestRun, leasesOf } from './interface-leases.ts';
import type { HostEntry, Lease } from './leases.ts';
import type { LibvirtNetwork } from './network.ts';

/** What the host's files say about the network of one interface. */
export interface NicSurroundings {
  readonly nic: Nic;
  readonly network?: LibvirtNetwork;
  /** The files that were looked for, and what they hold; undefined if there is no such file. */
  readonly hostsFile?: { readonly path: string; readonly entries?: readonly HostEntry[] };
  readonly leases?: { readonly path: string; readonly list?: readonly Lease[] };
  /** Whether an address is one of the host's own; only for an interface whose network libvirt gives no addresses. */
  readonly isOwn?: (address: Address) => boolean;
  /** Whether the host sends packets for an address to the interface's bridge or port. */
  readonly isRouted?: (address: Address) => boolean;
  /** Where the network's definition was looked for. */
  readonly networkFiles: readonly string[];
}

/** One place that may give an interface an address. */
export interface AddressSource {
  /**
   * `xml`: the guest's own description; `lease`: a DHCP lease that the guest uses; `reservation`: what DHCP will give it;
   * `earlier-lease`: a lease of an earlier run, which DHCP may give again.
   */
  readonly kind: 'xml' | 'lease' | 'reservation' | 'earlier-lease';
  /** Names the place: `a DHCP reservation`. */
  readonly name: string;
  /** Of the wanted family, the best first. */
  readonly addresses: readonly Address[];
  /** Says that the place gives no address; undefined if another place says so. */
  readonly description?: string;
}

/**
 * The places that may give an interface an address of one family, the one that counts most first: a lease that the guest
 * uses is what it has; a reservation is only what it will get.
 *
 * @param inXml whether the XML gives any of the guest's interfaces an address: where it gives none, one sentence says so for all
 */
export function addressSources(
  guest: Guest,
  around: NicSurroundings,
  family: Family,
  run: GuestRun,
  inXml = false,
): AddressSource[] {
  const { nic, network, leases } = around;
  const isLocal = guest.driver === 'local';
  const what = isLocal ? 'its --address gives none of this family' : 'the domain XML gives no <ip address=>';
  const xml: AddressSource = {
    kind: 'xml',
    name: isLocal ? 'its --address' : 'the domain XML',
    addresses: nic.addresses.filter((address) => familyOf(address) === family),
    description: `${what}${inXml ? ` for ${labelOf(nic)}` : ''}`,
  };
  if (network !== undefined && isWithout(network, family)) {
    const description = `network "${network.name}" has no ${familyName(family)}`;
    return [xml, { kind: 'reservation', name: 'its network', addresses: [], description }];
  }
  const reserved = reservationSources(guest, around, family);
  if (leases === undefined) return [xml, ...reserved];
  const { inUse, earlier, expired } = leasesOf(nic.mac, family, leases.list ?? [], run);
  const name = `the lease in ${leases.path}`;
  const why = leases.list === undefined ? ' (no such file)' : expired > 0 ? ` (${expired} expired)` : '';
  const missing = inUse.length > 0 ? {} : { description: `no lease in ${leases.path}${why}` };
  return [
    xml,
    { kind: 'lease', name, addresses: addressesOf(inUse) },
    ...reserved,
    { kind: 'earlier-lease', name, addresses: addressesOf(earlier), ...missing },
  ];
}

/**
 * Why libvirt gives an interface no address. `foreign-dhcp`: its bridge, or its network's, is another program's, and so are
 * the leases there. `off-host`: it is on no bridge of this host (macvtap, SR-IOV, passt, user-mode networking).
 */
export type NoDhcp = 'foreign-dhcp' | 'off-host';

/** @returns undefined: libvirt gives it one, or may */
export function lacksDhcp({ nic, network, leases }: NicSurroundings): NoDhcp | undefined {
  if (leases?.list !== undefined) return undefined;
  if (network !== undefined)
    return network.gateways.length === 0 && network.reservations.length === 0 ? 'foreign-dhcp' : undefined;
  if (nic.network !== undefined) return undefined;
  return nic.bridge === undefined && nic.vif === undefined ? 'off-host' : 'foreign-dhcp';
}

/** Where libvirt gives a network addresses, but none of a family, dnsmasq has none to give away either. */
export function isWithout({ gateways }: LibvirtNetwork, family: Family): boolean {
  return gateways.length > 0 && !gateways.some(({ address }) => familyOf(address) === family);
}

function reservationSources(
  guest: Guest,
  { nic, network, hostsFile, networkFiles }: NicSurroundings,
  family: Family,
): AddressSource[] {
  const addressesIn = (entries: readonly HostEntry[] | undefined) =>
    addressesOf((entries ?? []).filter((entry) => isFor(entry, guest, nic))).filter(
      (address) => familyOf(address) === family,
    );
  const sources: AddressSource[] = [];
  if (networkFiles.length > 0)
    sources.push({
      kind: 'reservation',
      name: 'a DHCP reservation',
      addresses: addressesIn(network?.reservations),
      description: `no DHCP reservation for ${labelOf(nic)} in ${networkFiles.join(', ')}`,
    });
  if (hostsFile !== undefined)
    sources.push({
      kind: 'reservation',
      name: hostsFile.path,
      addresses: addressesIn(hostsFile.entries),
      description: `no entry in ${hostsFile.path}${hostsFile.entries === undefined ? ' (no such file)' : ''}`,
    });
  return sources;
}

/** For IPv6 the MAC address is the one in the client's identifier, which may be of another interface: the name counts too. */
function isFor({ mac, name, address }: HostEntry, guest: Guest, nic: Nic): boolean {
  const named = name === guest.name && (mac === undefined || familyOf(address) === 'ip6');
  return named || (mac !== undefined && mac === nic.mac);
}

function addressesOf(entries: readonly { readonly address: Address }[]): Address[] {
  return entries.map(({ address }) => address);
}

function labelOf({ mac }: Nic): string {
  return mac ?? 'an interface without MAC address';
}
