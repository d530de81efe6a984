import type { Family } from '../../model/address.ts';
import { type Element, elementKey, familyOfElement } from '../../model/element.ts';
import type { GuestPart } from '../backend.ts';
import type { Counter } from '../inspection.ts';
import { entriesOf } from './entries.ts';
import { byChain, type ListedRule, parseListing } from './listing.ts';
import { tableNames } from './tables.ts';

/**
 * Reads counters from `iptables-save -c`: a guest's own chains hold its rules in the order in which they were made, so
 * the place of a rule shows its element. Where there are more or fewer rules, their counters are unknown.
 */
export function readCounters(
  text: string,
  family: Family,
): (guest: GuestPart, element: Element) => Counter | undefined {
  const listed = parseListing(text);
  const chains = new Map(
    tableNames.flatMap((table) =>
      [...byChain(listed[table].rules)].map(([chain, rules]) => [`${table} ${chain}`, rules] as const),
    ),
  );
  const known = new Map<string, ReadonlyMap<string, Counter>>();
  return (guest, element) => {
    if (familyOfElement(element) !== family) return undefined;
    const counters = known.get(guest.id) ?? countersOf(guest, family, chains);
    known.set(guest.id, counters);
    return counters.get(elementKey(element));
  };
}

function countersOf(
  guest: GuestPart,
  family: Family,
  chains: ReadonlyMap<string, readonly ListedRule[]>,
): ReadonlyMap<string, Counter> {
  const counters = new Map<string, Counter>();
  const own = entriesOf(guest, family).filter(({ ordered }) => ordered);
  const places = new Map<string, (typeof own)[number][]>();
  for (const rule of own) {
    const chain = `${rule.table} ${rule.chain}`;
    const rules = places.get(chain);
    if (rules === undefined) places.set(chain, [rule]);
    else rules.push(rule);
  }
  for (const [chain, rules] of places) {
    const found = chains.get(chain) ?? [];
    if (found.length !== rules.length) continue;
    for (const [index, { element }] of rules.entries()) {
      if (element === undefined) continue;
      const { packets = 0, bytes = 0 } = counters.get(elementKey(element)) ?? {};
      const { packets: more = 0, bytes: longer = 0 } = found[index] ?? {};
      counters.set(elementKey(element), { packets: packets + more, bytes: bytes + longer });
    }
  }
  return counters;
}
