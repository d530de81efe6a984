import { familyOf, parseNetwork } from '../model/address.ts';
import type { Problem } from '../model/problem.ts';
import { parseUnicast } from '../policy/unicast.ts';
import { type HookPorts, readPortMap, readPortRanges } from './hook-ports.ts';
import { type At, HookReader, type MemberAt } from './hook-reader.ts';
import { isMistake, type JsonNode, parseJson } from './json-lines.ts';

/** One address of a guest and what is forwarded to it: a set of rules of the hook. */
export interface HookEntry {
  readonly at: At;
  readonly address: string;
  /** Undefined: the first address of the default route's interface. */
  readonly publicAddresses: readonly string[] | undefined;
  readonly sources: readonly string[] | undefined;
  readonly ports: readonly HookPorts[];
}

export interface HookGuest {
  readonly name: string;
  readonly at: At;
  readonly entries: readonly HookEntry[];
}

/**
 * Reads the configuration of libvirt-hook-qemu (https://github.com/saschpe/libvirt-hook-qemu): `hooks.json`, earlier
 * `qemu.json`, and what forks added: lists of entries for one guest, lists of public addresses, `machines`.
 */
export function parseHookJson(
  text: string,
  file: string,
): { guests: HookGuest[]; reader: HookReader; problems: readonly Problem[] } {
  const reader = new HookReader(file);
  const parsed = parseJson(text);
  if (isMistake(parsed)) {
    reader.problems.push({ where: `${file}:${parsed.line}`, problem: `not JSON: ${parsed.mistake}` });
    return { guests: [], reader, problems: reader.problems };
  }
  const { domains, shared } = findDomains(parsed, reader);
  const guests = domains.map((domain) => ({
    name: domain.name,
    at: domain,
    entries: entriesOf(domain).flatMap((at) => readEntry(at, shared, reader) ?? []),
  }));
  return { guests, reader, problems: reader.problems };
}

/** Guests by name; a fork has them in `machines`, beside the public address of all. */
function findDomains(
  root: JsonNode,
  reader: HookReader,
): { domains: MemberAt[]; shared: MemberAt | undefined } {
  const members = reader.members({ node: root, path: '' }, 'must be an object: { "GUEST": { ... } }') ?? [];
  const machines = members.find(({ name }) => name === 'machines');
  const within = machines?.node.kind === 'object' ? machines.node.members : undefined;
  const forked = within !== undefined && !within.some(({ name }) => name === 'private_ip');
  const domains = forked ? (reader.members(machines as MemberAt, '') ?? []) : members;
  const last = new Map(domains.map((domain) => [domain.name, domain]));
  for (const domain of domains) {
    if (last.get(domain.name) !== domain)
      reader.warn(domain, 'stands there again below, and only that counts');
  }
  return {
    domains: [...last.values()],
    shared: forked ? members.find(({ name }) => name === 'public_ip') : undefined,
  };
}

function entriesOf(domain: At): At[] {
  if (domain.node.kind !== 'list') return [domain];
  return domain.node.items.map((node, index) => ({ node, path: `${domain.path}[${index}]` }));
}

const known = ['interface', 'private_ip', 'public_ip', 'source_ip', 'port_map', 'port_range'];
/** What forks know besides, and what is to be done about it. */
const without: Readonly<Record<string, string>> = {
  public_interface: 'left out: interface in [host] says it for all guests',
  private_ipv6: 'left out: only IPv4 is forwarded',
  public_ipv6: 'left out: only IPv4 is forwarded',
  source_ipv6: 'left out: only IPv4 is forwarded',
};

function readEntry(at: At, shared: MemberAt | undefined, reader: HookReader): HookEntry | undefined {
  const members = reader.members(at, 'must be an object: { "private_ip": "192.168.122.41", ... }');
  if (members === undefined) return undefined;
  reader.known(members, [...known, ...Object.keys(without)]);
  for (const member of members) {
    const advice = Object.hasOwn(without, member.name) ? without[member.name] : undefined;
    if (advice !== undefined) reader.warn(member, advice);
  }
  const named = (name: string) => members.findLast((member) => member.name === name);
  const privateAt = named('private_ip');
  if (privateAt === undefined) reader.complain(at, 'private_ip is missing');
  const [address, second] = (privateAt && readAddresses(privateAt, reader)) ?? [];
  if (privateAt && second !== undefined) reader.complain(privateAt, 'must be one address');
  const publicAt = named('public_ip') ?? shared;
  const sourceAt = named('source_ip');
  const mapAt = named('port_map');
  const rangeAt = named('port_range');
  const interfaceAt = named('interface');
  if (interfaceAt) reader.warnOnce(interfaceAt, "not needed: forwards go by the guest's address");
  if (sourceAt && rangeAt) {
    reader.warn(sourceAt, 'holds for port_range, too: the hook left that open to everybody');
  }
  const ports = [
    ...(mapAt === undefined ? [] : readPortMap(mapAt, reader)),
    ...(rangeAt === undefined ? [] : readPortRanges(rangeAt, reader)),
  ];
  const publicAddresses = publicAt && readAddresses(publicAt, reader);
  const sources = sourceAt && readNetworks(sourceAt, reader);
  return address === undefined ? undefined : { at, address, publicAddresses, sources, ports };
}

function readAddresses(at: At, reader: HookReader): string[] {
  return reader.texts(at).flatMap(({ at: place, text }) => {
    const address = parseUnicast(text);
    return typeof address === 'string' ? [address] : reader.complain(place, address.problem, address.hint);
  });
}

function readNetworks(at: At, reader: HookReader): string[] {
  return reader.texts(at).flatMap(({ at: place, text }) => {
    const network = parseNetwork(text);
    if (network !== undefined && familyOf(network) === 'ip') return [text];
    return reader.complain(place, `"${text}" is no IPv4 network`, 'like 198.51.100.0/24 or 198.51.100.7');
  });
}
