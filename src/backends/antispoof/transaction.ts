import { elementsWithout } from '../../model/difference.ts';
import { names } from '../names.ts';
import {
  contradicts,
  nft,
  renderAdditions,
  renderClearing,
  renderDeletions,
} from '../nftables/statements.ts';
import type { Antispoof } from './contract.ts';
import { antispoofPlaces } from './head-rules.ts';
import { tableEntries } from './table-entries.ts';

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
  rebuild: async (...whole) => (await import('./rebuild.ts')).rebuild(...whole),
  remove: (table) => nft(renderClearing(table)),
  chainOf: (table) => ({ family: table, table: names.table, chain: 'check' }),
  contradicts,
  places: antispoofPlaces,
};
