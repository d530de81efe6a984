import { protocolNumbers } from '../model/protocol-number.ts';
import type { Json, ListedChain, ListedRuleset } from '../netfilter/listed-ruleset.ts';
import { askFib, type FibQuestion } from './nft-fib.ts';
import type { Packet, Surroundings } from './packet.ts';

/** A value of nft's: a number, a word, several in a row, or nothing that is known here. */
export type Value = number | string | readonly Value[] | undefined;

/** Where a rule is, and what it may ask. */
export interface Scene {
  readonly packet: Packet;
  readonly surroundings: Surroundings;
  readonly ruleset: ListedRuleset;
  readonly chain: ListedChain;
}

/** What an expression of nft's JSON is for this packet (libnftables-json(5), "EXPRESSIONS"). */
export function evaluate(expression: unknown, scene: Scene): Value {
  if (typeof expression === 'number' || typeof expression === 'string') return expression;
  if (Array.isArray(expression)) return expression.map((one) => evaluate(one, scene));
  if (typeof expression !== 'object' || expression === null) return undefined;
  const [kind = '', body] = Object.entries(expression as Json)[0] ?? [];
  switch (kind) {
    case 'payload':
      return payload(body as { protocol?: string; field?: string }, scene.packet);
    case 'meta':
      return meta((body as { key?: string }).key, scene.packet);
    case 'ct':
      return connection(body as { key?: string; dir?: string }, scene.packet);
    case 'fib':
      return askFib(body as FibQuestion, scene.packet, scene.surroundings);
    case 'concat':
      return (body as readonly unknown[]).map((one) => evaluate(one, scene));
    case '&':
    case '|':
    case '^':
      return combine(kind, body as readonly unknown[], scene);
    default:
      return undefined;
  }
}

function payload({ protocol, field }: { protocol?: string; field?: string }, packet: Packet): Value {
  const ofThis = protocol === 'th' || protocol === packet.protocol;
  switch (`${protocol} ${field}`) {
    case 'ip saddr':
    case 'ip6 saddr':
      return protocol === packet.family ? packet.source : undefined;
    case 'ip daddr':
    case 'ip6 daddr':
      return protocol === packet.family ? packet.destination : undefined;
    case 'ip protocol':
    case 'ip6 nexthdr':
      return packet.protocol;
    case 'ip version':
      return packet.family === 'ip' ? 4 : 6;
  }
  if (ofThis && field === 'dport') return packet.port;
  if (ofThis && field === 'sport') return packet.sourcePort;
  // The first packet of a connection.
  return packet.protocol === 'tcp' && protocol === 'tcp' && field === 'flags' ? ['syn'] : undefined;
}

/** Whether an expression asks for something that this packet does not have: then it is no match, for certain. */
export function isForeign(expression: unknown, packet: Packet): boolean {
  if (Array.isArray(expression)) return expression.some((one) => isForeign(one, packet));
  if (typeof expression !== 'object' || expression === null) return false;
  const [kind = '', body] = Object.entries(expression)[0] ?? [];
  if (kind === 'ct') return !packet.followed && (body as { key?: string }).key !== 'state';
  if (kind !== 'payload') return kind === 'concat' || kind === '&' ? isForeign(body, packet) : false;
  const { protocol = 'th' } = body as { protocol?: string };
  if (protocol === 'ip' || protocol === 'ip6') return protocol !== packet.family;
  return transports.has(protocol) && protocol !== packet.protocol;
}

const transports = new Set(['tcp', 'udp', 'sctp', 'udplite', 'dccp', 'icmp', 'icmpv6', 'esp', 'ah']);

function meta(key: string | undefined, packet: Packet): Value {
  switch (key) {
    case 'iifname':
    case 'iif':
      return packet.input ?? '';
    case 'oifname':
    case 'oif':
      return packet.output ?? '';
    case 'l4proto':
      return packet.protocol;
    case 'nfproto':
      return packet.family === 'ip' ? 'ipv4' : 'ipv6';
    case 'protocol':
      return packet.family;
    case 'mark':
      return packet.mark;
    case 'pkttype':
      return packet.input === undefined ? undefined : 'host';
    default:
      return undefined;
  }
}

function connection({ key, dir }: { key?: string; dir?: string }, packet: Packet): Value {
  switch (key) {
    case 'state':
      return [!packet.tracked ? 'untracked' : packet.followed ? 'new' : 'invalid'];
    case 'mark':
      return packet.connectionMark;
    case 'label':
      return packet.connectionLabels;
    case 'direction':
      return 'original';
    case 'status':
      return [
        ...(packet.destinationTranslated ? ['dnat'] : []),
        ...(packet.sourceTranslated ? ['snat'] : []),
      ];
    case 'protocol':
      return packet.protocol;
  }
  if (dir === 'reply') return ofReply(key, packet);
  if (dir !== 'original') return undefined;
  if (key === 'daddr' || key === 'ip daddr' || key === 'ip6 daddr') return packet.original.destination;
  if (key === 'saddr' || key === 'ip saddr' || key === 'ip6 saddr') return packet.original.source;
  return key === 'proto-dst' ? packet.original.port : undefined;
}

/** What an answer would have: the packet as it is translated by now, the other way round. */
function ofReply(key: string | undefined, packet: Packet): Value {
  switch (key?.replace(/^ip6? /, '')) {
    case 'saddr':
      return packet.destination;
    case 'daddr':
      return packet.source;
    case 'proto-src':
      return packet.port;
    case 'proto-dst':
      return packet.sourcePort;
    default:
      return undefined;
  }
}

function combine(operator: '&' | '|' | '^', [left, right]: readonly unknown[], scene: Scene): Value {
  const [a, b] = [evaluate(left, scene), evaluate(right, scene)];
  if (Array.isArray(a) && operator === '&') {
    const wanted: readonly Value[] = Array.isArray(b) ? b : [b];
    return a.filter((one) => wanted.includes(one));
  }
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  if (operator === '&') return (a & b) >>> 0;
  return (operator === '|' ? a | b : a ^ b) >>> 0;
}

/** Protocols are written by name or by number, ports and marks by number alone. */
export function isSame(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, index) => isSame(one, b[index]));
  if (typeof a === 'string' && typeof b === 'number') return protocolNumbers[a] === b;
  if (typeof a === 'number' && typeof b === 'string') return protocolNumbers[b] === a;
  return a === b;
}
