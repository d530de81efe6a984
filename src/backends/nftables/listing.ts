import { parseAddress } from '../../model/address.ts';
import { type NftObject as Json, readNftJson } from '../../model/program-output.ts';
import { names } from '../names.ts';
import type { Entry, TableFamily } from './entry.ts';

/** What the kernel holds of ours, as `nft -j list table` tells. */
export interface Listing {
  readonly entries: readonly ListedEntry[];
  /** Chains, rules and the declarations of sets: all but the entries. For comparing with another listing. */
  readonly baseRuleset: readonly string[];
}

export interface ListedEntry extends Entry {
  /** First packets of connections, and their bytes, that met the entry. */
  readonly packets?: number;
  readonly bytes?: number;
}

/** Lists our table of a family. */
export function listTable(family: TableFamily) {
  return { program: 'nft', args: ['-j', 'list', 'table', family, names.table] };
}

/** Reads `nft -j list table ip guestgate` (libnftables-json(5)). @throws CommandError if it is not whole */
export function parseListing(text: string, family: TableFamily): Listing {
  return readNftJson(text, listTable(family), listingOf);
}

function listingOf(objects: readonly Json[]): Listing {
  const entries: ListedEntry[] = [];
  const baseRuleset: string[] = [];
  for (const object of objects) {
    const set = (object['map'] ?? object['set']) as Json | undefined;
    // Sources that are connected: the kernel adds them, guestgate does not.
    if (set !== undefined && !String(set['name']).startsWith(names.count)) {
      const elements = (set['elem'] ?? []) as unknown[];
      entries.push(...elements.map((element) => parseEntry(String(set['name']), element)));
    }
    if (object['metainfo'] === undefined) baseRuleset.push(JSON.stringify(object, withoutVolatile));
  }
  return { entries, baseRuleset };
}

/** Handles, entries and counters differ from listing to listing without anything being wrong. */
function withoutVolatile(key: string, value: unknown): unknown {
  return key === 'handle' || key === 'elem' || key === 'packets' || key === 'bytes' ? undefined : value;
}

function parseEntry(set: string, element: unknown): ListedEntry {
  const [keyPart, valuePart] = Array.isArray(element) ? element : [element, undefined];
  const inner = ((keyPart as Json)['elem'] ?? { val: keyPart }) as Json;
  const counter = inner['counter'] as { packets: number; bytes: number } | undefined;
  return {
    set,
    key: renderPart(inner['val']),
    ...(valuePart !== undefined && { value: renderPart(valuePart) }),
    ...(counter !== undefined && { packets: counter.packets, bytes: counter.bytes }),
  };
}

function renderPart(part: unknown): string {
  if (typeof part === 'string') return normal(part);
  if (typeof part !== 'object' || part === null) return String(part);
  const { concat, range, prefix, jump } = part as {
    concat?: unknown[];
    range?: [unknown, unknown];
    prefix?: { addr: string; len: number };
    jump?: { target: string };
  };
  if (concat !== undefined) return concat.map(renderPart).join(' . ');
  if (jump !== undefined) return `jump ${jump.target}`;
  if (range !== undefined) return range.map(renderPart).join('-');
  return prefix === undefined ? JSON.stringify(part) : `${normal(prefix.addr)}/${prefix.len}`;
}

/** IPv6 addresses in our spelling: the C library writes some of them otherwise (`::1.2.3.4`). */
function normal(text: string): string {
  return text.includes(':') ? (parseAddress(text) ?? text) : text;
}
