import { type AntispoofElement, antispoofTableOf, antispoofTables } from '../../model/antispoof.ts';
import { elementsWithout } from '../../model/difference.ts';
import { names } from '../names.ts';
import type { TableEntry } from '../nftables/entry.ts';
import {
  contradicts,
  nft,
  renderAdditions,
  renderClearing,
  renderDeletions,
} from '../nftables/statements.ts';
import { renderBaseRuleset } from './base-ruleset.ts';
import type { Antispoof } from './contract.ts';
import { entriesOf } from './entries.ts';
import { antispoofPlaces } from './head-rules.ts';

/** What guests' ports may send, as entries of the sets of our tables `bridge` and `inet`. */
export const antispoof: Antispoof = {
  change(guests) {
    const surplus = guests.flatMap(({ before, after }) => elementsWithout(before, after));
    const removed = surplus.flatMap((element) => tableEntries(element));
    const added = guests.flatMap(({ label, after }) =>
      after.flatMap((element) => tableEntries(element, label)),
    );
    return removed.length + added.length === 0
      ? []
      : [nft(renderDeletions(removed) + renderAdditions(added))];
  },
  rebuild(guests, used) {
    const needed = new Set([...used, ...guests.flatMap(({ ports }) => ports.map(antispoofTableOf))]);
    const tables = antispoofTables.filter((table) => needed.has(table));
    if (tables.length === 0) return [];
    const entries = guests.flatMap(({ label, ports }) => ports.flatMap((port) => tableEntries(port, label)));
    const made = tables.map((table) => renderClearing(table) + renderBaseRuleset(table));
    return [nft(made.join('') + renderAdditions(entries))];
  },
  remove: (table) => nft(renderClearing(table)),
  chainOf: (table) => ({ family: table, table: names.table, chain: 'check' }),
  contradicts,
  places: antispoofPlaces,
};

function tableEntries(element: AntispoofElement, label = ''): TableEntry[] {
  const family = antispoofTableOf(element);
  return entriesOf(element).map((entry) => ({ ...entry, family, label }));
}
