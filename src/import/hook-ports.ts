import { isProtocol, type Protocol, protocols } from '../model/port.ts';
import { quoted } from '../model/problem.ts';
import type { At, HookReader } from './hook-reader.ts';

/** Ports of the host and the guest's first port for them. */
export interface HookPorts {
  readonly at: At;
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
  readonly to: number;
}

/** `{ "tcp": [[8443, 443], 22], "udp": [...] }`; in a fork, a list without protocols, for tcp. */
export function readPortMap(at: At, reader: HookReader): HookPorts[] {
  if (at.node.type === 'array') return readPairs(at, 'tcp', reader);
  const members = reader.members(at, 'must be an object: { "tcp": [[8443, 443], 22] }') ?? [];
  return members.flatMap((member) => {
    const protocol = readProtocol(member, member.name, reader);
    return protocol === undefined ? [] : readPairs(member, protocol, reader);
  });
}

function readPairs(at: At, protocol: Protocol, reader: HookReader): HookPorts[] {
  const wrong = 'must be a list of ports and pairs of ports: [[8443, 443], 22]';
  return (reader.items(at, wrong) ?? []).flatMap((entry) => {
    const pair = entry.node.type === 'array' ? reader.items(entry, wrong) : [entry];
    if (entry.node.type === 'array' && pair?.length !== 2) {
      return reader.complain(entry, 'must be a port, or a pair of ports: [8443, 443]');
    }
    const [first, to = first] = (pair ?? []).map((port) => readNumber(port, 65535, reader));
    return first === undefined || to === undefined ? [] : [{ at: entry, protocol, first, last: first, to }];
  });
}

/** `[{ "init_port": 30000, "ports_num": 100, "protocol": "udp" }]`; an earlier form has `"range": [30000, 30099]`. */
export function readPortRanges(at: At, reader: HookReader): HookPorts[] {
  const entries = at.node.type === 'object' ? [at] : reader.items(at, 'must be a list of ranges');
  return (entries ?? []).flatMap((entry) => readRange(entry, reader) ?? []);
}

const firstNames = ['init_port', 'start_port', 'begin'];
const lastNames = ['end_port', 'end'];

function readRange(at: At, reader: HookReader): HookPorts | undefined {
  const form = '{ "init_port": 30000, "ports_num": 100, "protocol": "udp" }';
  const members = reader.members(at, `must be an object: ${form}`);
  if (members === undefined) return undefined;
  reader.known(members, [...firstNames, ...lastNames, 'ports_num', 'range', 'protocol']);
  const before = reader.problems.length;
  const only = (names: readonly string[]) => {
    const found = members.filter(({ name }) => names.includes(name));
    if (found.length <= 1) return found[0];
    reader.complain(at, `has both ${found.map(({ name }) => name).join(' and ')}`, 'remove one');
    return undefined;
  };
  const protocolAt = only(['protocol']);
  if (protocolAt === undefined) reader.complain(at, 'protocol is missing', form);
  const protocol = protocolAt && readProtocol(protocolAt, textOf(protocolAt), reader);
  const range = only(['range']);
  const pair =
    range === undefined ? [] : reader.items(range, 'must be the first and the last port: [30000, 30099]');
  const firstAt = only(firstNames) ?? pair?.[0];
  const first = firstAt && readNumber(firstAt, 65535, reader);
  const countAt = only(['ports_num']);
  const count = countAt && readNumber(countAt, 65536, reader);
  const lastAt = only(lastNames) ?? pair?.[1];
  const end = lastAt && readNumber(lastAt, 65535, reader);
  if (reader.problems.length > before) return undefined;
  if (firstAt === undefined || (countAt === undefined) === (lastAt === undefined)) {
    reader.complain(at, 'invalid range of ports', form);
    return undefined;
  }
  const last = end ?? (first ?? 0) + (count ?? 0) - 1;
  if (protocol === undefined || first === undefined || (count ?? end) === undefined) return undefined;
  if (last >= first && last <= 65535) return { at, protocol, first, last, to: first };
  reader.complain(at, `invalid range of ports ${first}-${last}`);
  return undefined;
}

function textOf({ node }: At): string {
  return node.value === undefined ? '' : String(node.value);
}

/** The hook's schema allows `icmp`; iptables has no ports for it, and refuses the rule. */
function readProtocol(at: At, text: string, reader: HookReader): Protocol | undefined {
  const protocol = text.toLowerCase();
  if (isProtocol(protocol)) return protocol;
  if (protocol === 'icmp') reader.warn(at, 'icmp has no ports: left out');
  else reader.complain(at, `invalid protocol ${quoted(text)}`, `one of ${protocols.join(', ')}`);
  return undefined;
}

/** A number, or digits in quotes. */
function readNumber(at: At, most: number, reader: HookReader): number | undefined {
  const value = at.node.value;
  const number = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most) return number;
  reader.complain(at, `must be a number from 1 to ${most}`);
  return undefined;
}
