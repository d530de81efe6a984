import { type Address, type Family, familyOf, parseAddress, parseNetwork, spanOf } from '../model/address.ts';
import type { SavedTable } from '../netfilter/iptables-save.ts';
import type { Rules } from './hooked-chains.ts';

/** Names the cell that a value is in: no rule that was looked at tells two values of one cell apart. */
export interface Cells {
  readonly ofAddress: (address: string) => string;
  readonly ofPort: (port: number) => string;
}

/**
 * Divides addresses and ports at each value, network and range that rules or routes name. Packets whose addresses and ports
 * are in the same cells meet the same rules, so that one of them speaks for all.
 *
 * @param isOurs whether a chain is guestgate's, whose entries are compared with the records elsewhere
 * @param networks that routes name
 */
export function cellsOf(
  rules: readonly Rules[],
  isOurs: (table: string, chain: string) => boolean,
  networks: readonly string[],
): Cells {
  const bounds: Bounds = { ip: new Set(), ip6: new Set(), port: new Set() };
  for (const text of networks) noteText(text, bounds);
  for (const { ruleset, saved } of rules) {
    for (const { table, name, rules: own } of ruleset.chains)
      if (!isOurs(table, name)) for (const { expressions } of own) noteJson(expressions, bounds);
    for (const { table, elements } of ruleset.sets) if (!isOurs(table, '')) noteJson(elements, bounds);
    for (const table of [...saved.nft, ...saved.legacy]) noteTable(table, isOurs, bounds);
  }
  const sorted = {
    ip: [...bounds.ip].sort(ascending),
    ip6: [...bounds.ip6].sort(ascending),
    port: [...bounds.port].sort(ascending),
  };
  return {
    ofAddress: (address) => `${familyOf(address)}-${cell(sorted[familyOf(address)], numberOf(address))}`,
    ofPort: (port) => String(cell(sorted.port, BigInt(port))),
  };
}

/** The first value of each cell but the first. */
type Bounds = Readonly<Record<Family | 'port', Set<bigint>>>;

function noteTable(table: SavedTable, isOurs: (table: string, chain: string) => boolean, bounds: Bounds) {
  for (const { name, rules } of table.chains.values())
    if (!isOurs(table.name, name))
      for (const { words } of rules) for (const word of words) noteText(word, bounds);
}

function noteJson(value: unknown, bounds: Bounds): void {
  if (typeof value === 'number') noteSpan(bounds.port, BigInt(Math.trunc(value)), BigInt(Math.trunc(value)));
  else if (typeof value === 'string') noteText(value, bounds);
  else if (typeof value === 'object' && value !== null) {
    const { prefix, range } = value as { prefix?: { addr?: string; len?: number }; range?: unknown };
    if (prefix?.addr !== undefined) noteText(`${prefix.addr}/${prefix.len}`, bounds);
    else if (Array.isArray(range)) noteText(range.join('-'), bounds);
    else for (const inner of Object.values(value)) noteJson(inner, bounds);
  }
}

/** `80`, `80:90`, `80-90`, `53,80:90`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, `[::1]:80`: a word that is no value is none of these. */
function noteText(text: string, bounds: Bounds): void {
  if (!/[\d:]/.test(text)) return;
  const network = parseNetwork(text);
  if (network !== undefined) noteSpan(bounds[familyOf(network)], ...spanOf(network));
  else noteParts(text, bounds);
}

function noteParts(text: string, bounds: Bounds): void {
  for (const part of text.split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:[:-](\d{1,5}))?$/.exec(part) ?? [];
    if (first !== undefined && last !== undefined) noteSpan(bounds.port, BigInt(first), BigInt(last));
    const [from, to] = part.split('-').map((one) => parseAddress(one));
    if (from === undefined || to === undefined) continue;
    noteSpan(bounds[familyOf(from)], numberOf(from), numberOf(to));
  }
}

function noteSpan(bounds: Set<bigint>, first: bigint, last: bigint): void {
  bounds.add(first);
  bounds.add(last + 1n);
}

function numberOf(address: Address): bigint {
  const network = parseNetwork(address);
  return network === undefined ? 0n : spanOf(network)[0];
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How many bounds are at or below a value: by halves. */
function cell(bounds: readonly bigint[], value: bigint): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bounds[middle] ?? 0n) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
