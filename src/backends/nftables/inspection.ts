import type { Family } from '../../model/address.ts';
import { type Element, familyOfElement } from '../../model/element.ts';
import { type Fault, ruleFault } from '../../model/finding.ts';
import { isVif, type VifTable } from '../../model/vif.ts';
import type { Whole } from '../backend.ts';
import type { Inspection } from '../inspection.ts';
import { names } from '../names.ts';
import { renderBaseRuleset } from './base-ruleset.ts';
import { asListed, entriesOf } from './entries.ts';
import { renderLimits } from './limits.ts';
import { type Listing, listTable, parseListing } from './listing.ts';

/** Compares the kernel with the records entry by entry, and the chains with a base ruleset made in another namespace. */
export const inspection: Inspection = {
  list: listTable,
  holds: () => true,
  title: (family) => `table ${family} ${names.table}`,
  reference: (whole, family) => ({
    script: `nft -f - && exec nft -j list table ${family} ${names.table}`,
    input: renderBaseRuleset(whole.mark, family) + renderLimits('add', elementsOf(whole, family)),
  }),
  differences(whole, family, text, reference) {
    const listing = parseListing(text, family);
    return [
      ...entryDifferences(elementsOf(whole, family), listing),
      ...baseRulesetDifferences(listing, parseListing(reference, family), family),
    ];
  },
  counters(text, family) {
    const { entries: all } = parseListing(text, family);
    const listed = new Map(all.map((entry) => [`${entry.set} ${entry.key}`, entry]));
    return (_, element) => {
      const entries = entriesOf(element).map(asListed);
      const found = entries.flatMap(({ set, key }) => listed.get(`${set} ${key}`) ?? []);
      if (!found.some(({ packets }) => packets !== undefined)) return undefined;
      return {
        packets: found.reduce((sum, { packets = 0 }) => sum + packets, 0),
        bytes: found.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
      };
    };
  },
};

function elementsOf({ guests, networks }: Whole, family: Family): Element[] {
  const all = [...networks, ...guests.flatMap(({ elements }) => elements)];
  return all.filter((element) => familyOfElement(element) === family && !isVif(element));
}

export function entryDifferences(elements: readonly Element[], listing: Listing): Fault[] {
  const expected = new Map(
    elements
      .flatMap(entriesOf)
      .map(asListed)
      .map((entry) => [`${entry.set} { ${entry.key} }`, entry.value]),
  );
  const actual = new Map(listing.entries.map((entry) => [`${entry.set} { ${entry.key} }`, entry.value]));
  const differences: Fault[] = [];
  for (const [key, value] of expected) {
    if (!actual.has(key)) differences.push(ruleFault(`${key} is missing`));
    else if (actual.get(key) !== value)
      differences.push(ruleFault(`${key} leads to ${actual.get(key)}, not to ${value}`));
  }
  for (const key of actual.keys())
    if (!expected.has(key)) differences.push(ruleFault(`unexpected entry ${key}`));
  return differences;
}

export function baseRulesetDifferences(
  listing: Listing,
  reference: Listing,
  family: Family | VifTable,
): Fault[] {
  const expected = new Set(reference.baseRuleset);
  const missing = [...expected].filter((part) => !listing.baseRuleset.includes(part)).length;
  const surplus = listing.baseRuleset.filter((part) => !expected.has(part)).length;
  if (missing === 0 && surplus === 0) return [];
  const problem = `the chains of table ${family} ${names.table} were changed: ${missing} rules are missing, ${surplus} are unexpected`;
  return [ruleFault(problem, 'everything')];
}
