import type { Family } from '../../model/address.ts';
import { type FamilyElement, familyOfElement } from '../../model/element.ts';
import type { Whole } from '../backend.ts';
import type { Inspection } from '../inspection.ts';
import { names } from '../names.ts';
import { renderBaseRuleset } from './base-ruleset.ts';
import { baseRulesetDifferences, entryDifferences } from './differences.ts';
import { entriesOf } from './entries.ts';
import { asListed } from './entry.ts';
import { renderLimits } from './limits.ts';
import { listTable, parseListing } from './listing.ts';
import { someCounters } from './some-counters.ts';

/** Compares the kernel with the records entry by entry, and the chains with a base ruleset made in another namespace. */
export const inspection: Inspection = {
  list: listTable,
  holds: () => true,
  someCounters,
  title: (family) => `table ${family} ${names.table}`,
  reference: (whole, family) => ({
    script: `nft -f - && exec nft -j list table ${family} ${names.table}`,
    input: renderBaseRuleset(whole.mark, family) + renderLimits('add', elementsOf(whole, family)),
  }),
  differences(whole, family, text, reference) {
    const listing = parseListing(text, family);
    return [
      ...entryDifferences(elementsOf(whole, family).flatMap(entriesOf), listing),
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

function elementsOf({ guests, networks }: Whole, family: Family): FamilyElement[] {
  const all = [...networks, ...guests.flatMap(({ elements }) => elements)];
  return all.filter((element) => familyOfElement(element) === family);
}
