import { contains, dropped, type Kernel, type Packet, span, untouched } from './packet.ts';

/* Reads `nft -j list ruleset` as docs/explanation/sets-and-maps.md describes it. */

type Value = unknown;
interface Entry {
  readonly key: readonly Value[];
  readonly value: readonly Value[];
}
type Sets = ReadonlyMap<string, readonly Entry[]>;

export function readNftables(json: string): Kernel {
  const sets = setsOf(json);
  const find = (name: string, key: readonly (string | number)[]) =>
    (sets.get(name) ?? []).find((entry) => key.every((part, at) => matches(entry.key[at], part)));
  const isRefused = (suffix: string, { source }: Packet, key: readonly (string | number)[]) =>
    source !== 'local' &&
    find(`filtered${suffix}`, key) !== undefined &&
    find(`sources${suffix}`, [source, ...key]) === undefined;
  const isDenied = ({ source }: Packet, guest: string) =>
    source !== 'local' && find('denied', [source, guest]) !== undefined;

  /** One step of the way: refused, translated, or undefined. */
  const step = (suffix: string, maps: readonly string[], packet: Packet, key: (string | number)[]) => {
    if (isRefused(suffix, packet, key)) return dropped;
    const [entry] = maps.flatMap((map) => find(map, key) ?? []);
    if (entry === undefined) return undefined;
    const [address, port] = entry.value;
    return isDenied(packet, String(address)) ? dropped : `${address}:${port ?? packet.port}`;
  };

  return {
    translate(packet) {
      const { address, protocol, port } = packet;
      return (
        step('', ['forward', 'range'], packet, [address, protocol, port]) ??
        step('_public', ['public'], packet, [address]) ??
        step('_any', ['forward_any', 'range_any'], packet, [protocol, port]) ??
        untouched
      );
    },
    admit(packet) {
      const { address, protocol, port } = packet;
      if (isDenied(packet, address)) return dropped;
      const key = [address, protocol, port];
      if (isRefused('_open', packet, key)) return dropped;
      return find('open', key) === undefined && find('open_range', key) === undefined ? untouched : 'open';
    },
    leave(guest) {
      const entry = ['source_nat', 'shared_nat'].flatMap((map) => find(map, [guest, 'eth0']) ?? [])[0];
      return entry === undefined ? undefined : String(entry.value[0]);
    },
    absent: (sets.get('absent') ?? []).map(({ key }) => String(key[0])),
  };
}

function setsOf(json: string): Sets {
  const { nftables } = JSON.parse(json) as { nftables: Record<string, Record<string, Value>>[] };
  const sets = new Map<string, readonly Entry[]>();
  for (const item of nftables) {
    const { family, table, name, elem } = item['set'] ?? item['map'] ?? {};
    if (family === 'ip' && table === 'guestgate')
      sets.set(String(name), ((elem ?? []) as Value[]).map(entryOf));
  }
  return sets;
}

/** An element is a key, or a key and its value; a key can be wrapped with its comment and counter. */
function entryOf(element: Value): Entry {
  const [key, value] = Array.isArray(element) ? element : [element, undefined];
  return { key: partsOf(unwrapped(key)), value: value === undefined ? [] : partsOf(value) };
}

function unwrapped(key: Value): Value {
  const wrapped = (key as { elem?: { val: Value } } | null)?.elem;
  return wrapped === undefined ? key : wrapped.val;
}

function partsOf(value: Value): readonly Value[] {
  if (typeof value !== 'object' || value === null) return [value];
  return (value as { concat?: readonly Value[] }).concat ?? [value];
}

interface Interval {
  readonly range?: readonly [string | number, string | number];
  readonly prefix?: { readonly addr: string; readonly len: number };
}

function matches(part: Value, wanted: string | number): boolean {
  if (typeof part !== 'object' || part === null) return part === wanted;
  const { range, prefix } = part as Interval;
  if (prefix !== undefined) return contains(`${prefix.addr}/${prefix.len}`, String(wanted));
  if (range === undefined) return false;
  const [first, last] = range.map(numberOf);
  const number = numberOf(wanted);
  return first !== undefined && last !== undefined && number >= first && number <= last;
}

function numberOf(value: string | number): number {
  return typeof value === 'number' ? value : span(value)[0];
}
