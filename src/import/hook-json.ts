import type { Node } from 'jsonc-parser';
import type { Problem } from '../model/problem.ts';
import { type HookEntry, readEntry } from './hook-entry.ts';
import { type At, HookReader, type MemberAt } from './hook-reader.ts';
import { isMistake, parseJson } from './json-tree.ts';

export interface HookGuest {
  readonly name: string;
  readonly at: At;
  readonly entries: readonly HookEntry[];
}

/**
 * Reads the configuration of libvirt-hook-qemu (https://github.com/saschpe/libvirt-hook-qemu): `hooks.json`, earlier
 * `qemu.json`, and what forks added: lists of entries for one guest, lists of public addresses, `machines`, and
 * `private_ipv6`, `public_ipv6` and `source_ipv6`, for which the hook calls ip6tables with the same ports.
 */
export function parseHookJson(
  text: string,
  file: string,
): { guests: HookGuest[]; reader: HookReader; problems: readonly Problem[] } {
  const reader = new HookReader(file, text);
  const parsed = parseJson(text);
  if (isMistake(parsed)) {
    reader.problems.push({ where: `${file}:${parsed.line}`, problem: `invalid JSON: ${parsed.mistake}` });
    return { guests: [], reader, problems: reader.problems };
  }
  const { domains, shared } = findDomains(parsed, reader);
  const guests = domains.map((domain) => ({
    name: domain.name,
    at: domain,
    entries: entriesOf(domain, reader).flatMap((at) => readEntry(at, shared, reader) ?? []),
  }));
  return { guests, reader, problems: reader.problems };
}

/** Guests by name; a fork lists them in `machines`, beside a public address that they share. */
function findDomains(root: Node, reader: HookReader): { domains: MemberAt[]; shared: MemberAt | undefined } {
  const members = reader.members({ node: root, path: '' }, 'must be an object: { "GUEST": { ... } }') ?? [];
  const machines = members.find(({ name }) => name === 'machines');
  const listed = machines?.node.type === 'object' ? (reader.members(machines, '') ?? []) : undefined;
  const forked = listed?.some(({ name }) => name === 'private_ip') === false;
  const domains = forked ? listed : members;
  const last = new Map(domains.map((domain) => [domain.name, domain]));
  for (const domain of domains) {
    if (last.get(domain.name) !== domain)
      reader.warn(domain, 'is defined again below: only the last definition counts');
  }
  return {
    domains: [...last.values()],
    shared: forked ? members.find(({ name }) => name === 'public_ip') : undefined,
  };
}

function entriesOf(domain: At, reader: HookReader): At[] {
  return domain.node.type === 'array' ? (reader.items(domain, '') ?? []) : [domain];
}
