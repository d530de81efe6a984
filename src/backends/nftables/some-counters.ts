import { type Family, familyOf, spanOf } from '../../model/address.ts';
import { elementKey, type FamilyElement, familyOfElement } from '../../model/element.ts';
import { isProtocol } from '../../model/port.ts';
import { protocolNumbers } from '../../model/protocol-number.ts';
import type { SomeCounters } from '../inspection.ts';
import { names } from '../names.ts';
import { entriesOf } from './entries.ts';

/** The sets and maps whose entries count. */
const counting = new Set(['forward', 'forward_any', 'range', 'range_any', 'public', 'open', 'open_range']);

/**
 * The counters of some elements alone, by the keys of their entries: the kernel looks each up. `nft get element` says the same,
 * but reads the whole table first.
 */
export function someCounters(elements: readonly FamilyElement[], family: Family): SomeCounters | undefined {
  const entries = elements
    .filter((element) => familyOfElement(element) === family)
    .flatMap((element) => entriesOf(element).map((entry) => ({ element, entry })))
    .filter(({ entry }) => counting.has(entry.set));
  if (entries.length === 0) return undefined;
  return {
    table: names.table,
    keys: entries.map(({ entry: { set, key } }) => ({ set, ...keyBytes(key) })),
    counters(found) {
      const sums = new Map<string, { packets: number; bytes: number }>();
      for (const [index, { element }] of entries.entries()) {
        const counter = found[index];
        if (counter === undefined) continue;
        const key = elementKey(element);
        const { packets, bytes } = sums.get(key) ?? { packets: 0, bytes: 0 };
        sums.set(key, { packets: packets + counter.packets, bytes: bytes + counter.bytes });
      }
      return (_, element) => sums.get(elementKey(element));
    },
  };
}

/** `198.51.100.1 . tcp . 8080` as the kernel has it: each part is padded to four bytes, and of a range there are two keys. */
function keyBytes(key: string): { readonly key: Buffer; readonly end?: Buffer } {
  const parts = key.split(' . ').map((part) => part.split('-'));
  const start = Buffer.concat(parts.map(([first = '']) => partBytes(first)));
  const end = Buffer.concat(parts.map(([first = '', last = first]) => partBytes(last)));
  return start.equals(end) ? { key: start } : { key: start, end };
}

function partBytes(part: string): Buffer {
  const padded = Buffer.alloc(4);
  if (isProtocol(part)) padded.writeUInt8(protocolNumbers[part] ?? 0);
  else if (/^\d+$/.test(part)) padded.writeUInt16BE(Number(part));
  else return addressBytes(part);
  return padded;
}

function addressBytes(address: string): Buffer {
  const bits = familyOf(address) === 'ip' ? 32 : 128;
  const [first] = spanOf(`${address}/${bits}`);
  return Buffer.from(first.toString(16).padStart(bits / 4, '0'), 'hex');
}
