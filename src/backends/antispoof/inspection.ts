import { antispoofTablesOf } from '../../model/antispoof.ts';
import { names } from '../names.ts';
import { baseRulesetDifferences, entryDifferences } from '../nftables/differences.ts';
import { listTable } from '../nftables/listing.ts';
import { renderBaseRuleset } from './base-ruleset.ts';
import type { AntispoofInspection } from './contract.ts';
import { entriesOf } from './entries.ts';
import { physdevRules } from './head-rules.ts';
import { parsePortListing } from './listing.ts';
import { renderPhysdev } from './physdev.ts';

/** Compares the kernel's tables and accepts of guests' ports with what the records say. */
export const inspection: AntispoofInspection = {
  list: listTable,
  title: (table) => `table ${table} ${names.table}`,
  reference: (table) => ({
    script: `nft -f - && exec nft -j list table ${table} ${names.table}`,
    input: renderBaseRuleset(table),
  }),
  differences(ports, table, text, reference) {
    const listing = parsePortListing(text, table);
    const own = ports.filter((port) => antispoofTablesOf(port).includes(table));
    return [
      ...entryDifferences(
        own.flatMap((port) => entriesOf(port, table)),
        listing,
      ),
      ...baseRulesetDifferences(listing, parsePortListing(reference, table), table),
    ];
  },
  hasAccepts(ports, family, listing) {
    const [actual, expected] = [physdevRules(listing), renderPhysdev(ports, family)];
    return [...actual].sort().join('\n') === [...expected].sort().join('\n');
  },
};
