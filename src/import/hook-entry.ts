import { type Address, familyName, familyOf, parseNetwork } from '../model/address.ts';
import { quoted } from '../model/problem.ts';
import { parseUnicast } from '../policy/unicast.ts';
import { type HookPorts, readPortMap, readPortRanges } from './hook-ports.ts';
import type { At, HookReader, MemberAt } from './hook-reader.ts';

/** Rules of the hook: the ports that it forwards to a guest, in the families of the guest's addresses. */
export interface HookEntry {
  readonly at: At;
  /** At most one of each family. */
  readonly addresses: readonly Address[];
  /** A family without any: the first address of the default route's interface. */
  readonly publicAddresses: readonly Address[];
  /** Networks as they are written. Undefined: all sources. */
  readonly sources: readonly string[] | undefined;
  readonly ports: readonly HookPorts[];
}

const keys = ['private_ip', 'private_ipv6', 'public_ip', 'public_ipv6', 'source_ip', 'source_ipv6'];
const portKeys = ['port_map', 'port_range'];
/** What has no counterpart, and what to do. */
const advice: Readonly<Record<string, string>> = {
  interface: "not needed: guestgate forwards to the guest's address",
  public_interface: 'left out: set interface in [host], for all guests',
};

/**
 * Reads one entry of a guest.
 *
 * @param shared the public address of all guests, for an entry without one
 * @returns undefined without a private address
 */
export function readEntry(at: At, shared: MemberAt | undefined, reader: HookReader): HookEntry | undefined {
  const members = reader.members(at, 'must be an object: { "private_ip": "192.168.122.41", ... }');
  if (members === undefined) return undefined;
  reader.known(members, [...keys, ...portKeys, ...Object.keys(advice)]);
  for (const member of members) {
    if (Object.hasOwn(advice, member.name)) reader.warnOnce(member, advice[member.name] as string);
  }
  const named = (name: string) => members.findLast((member) => member.name === name);
  const both = (name: string) => [named(name), named(`${name}v6`)].filter((member) => member !== undefined);
  const addresses = readPrivate(at, both('private_ip'), reader);
  const publicAt = named('public_ip') === undefined && shared !== undefined ? [shared] : [];
  const publicAddresses = [...publicAt, ...both('public_ip')].flatMap((from) => readAddresses(from, reader));
  const sourcesAt = both('source_ip');
  const sources = sourcesAt.flatMap((from) => readNetworks(from, reader));
  const mapAt = named('port_map');
  const rangeAt = named('port_range');
  const [sourceAt] = sourcesAt;
  if (sourceAt !== undefined) warnAboutSources(sourceAt, sources, addresses, rangeAt !== undefined, reader);
  const ports = [
    ...(mapAt === undefined ? [] : readPortMap(mapAt, reader)),
    ...(rangeAt === undefined ? [] : readPortRanges(rangeAt, reader)),
  ];
  if (addresses.length === 0) return undefined;
  return { at, addresses, publicAddresses, sources: sourceAt && sources, ports };
}

/** At most one address of each family. */
function readPrivate(at: At, members: readonly MemberAt[], reader: HookReader): Address[] {
  if (members.length === 0) reader.complain(at, 'private_ip is missing');
  const addresses: Address[] = [];
  for (const member of members) {
    for (const address of readAddresses(member, reader)) {
      if (addresses.some((other) => familyOf(other) === familyOf(address)))
        reader.complain(member, 'must be one address of each family');
      else addresses.push(address);
    }
  }
  return addresses;
}

/** Where the guest's policy restricts more than the hook did. */
function warnAboutSources(
  at: At,
  sources: readonly string[],
  addresses: readonly Address[],
  ranges: boolean,
  reader: HookReader,
): void {
  if (ranges) reader.warn(at, 'restricts port_range, too: the hook opened it to all sources');
  for (const family of new Set(addresses.map(familyOf))) {
    if (sources.length > 0 && !sources.some((network) => familyOf(network) === family))
      reader.warn(
        at,
        `contains no ${familyName(family)} network: guestgate denies all ${familyName(family)} access`,
      );
  }
}

function readAddresses(at: At, reader: HookReader): Address[] {
  return reader.texts(at).flatMap(({ at: place, text }) => {
    const address = parseUnicast(text);
    return typeof address === 'string' ? [address] : reader.complain(place, address.problem, address.hint);
  });
}

function readNetworks(at: At, reader: HookReader): string[] {
  return reader.texts(at).flatMap(({ at: place, text }) => {
    if (parseNetwork(text) !== undefined) return [text];
    return reader.complain(
      place,
      `invalid network ${quoted(text)}`,
      'like 198.51.100.0/24 or 2001:db8:7::/48',
    );
  });
}
