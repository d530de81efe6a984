import type { Family } from '../../model/address.ts';
import { elementKey, type FamilyElement, familyOfElement } from '../../model/element.ts';
import type { SomeCounters } from '../inspection.ts';
import { names } from '../names.ts';
import { entriesOf } from './entries.ts';

/** The sets and maps whose entries count. */
const counting = new Set(['forward', 'forward_any', 'range', 'range_any', 'public', 'open', 'open_range']);

/** More entries than these take as long as listing the whole table. */
const most = 500;

/**
 * Reads the counters of some elements alone: the kernel looks each entry up, and lists no others. nft prints `get element` in
 * its own words, even with -j (1.0.6); sections come in the order of the commands.
 */
export function someCounters(elements: readonly FamilyElement[], family: Family): SomeCounters | undefined {
  const entries = elements
    .filter((element) => familyOfElement(element) === family)
    .flatMap((element) => entriesOf(element).map((entry) => ({ element, entry })))
    .filter(({ entry }) => counting.has(entry.set));
  if (entries.length === 0 || entries.length > most) return undefined;
  const lines = entries.map(
    ({ entry: { set, key } }) => `get element ${family} ${names.table} ${set} { ${key} }\n`,
  );
  return {
    command: { program: 'nft', args: ['-f', '-'], input: lines.join('') },
    counters(text) {
      const counted = [...text.matchAll(/ counter packets (\d+) bytes (\d+)/g)];
      const found = new Map<string, { packets: number; bytes: number }>();
      if (counted.length !== entries.length) return () => undefined;
      for (const [index, { element }] of entries.entries()) {
        const key = elementKey(element);
        const { packets, bytes } = found.get(key) ?? { packets: 0, bytes: 0 };
        const [, morePackets, moreBytes] = counted[index] ?? [];
        found.set(key, { packets: packets + Number(morePackets), bytes: bytes + Number(moreBytes) });
      }
      return (_, element) => found.get(elementKey(element));
    },
  };
}
