import type { AntispoofTable } from '../../model/antispoof.ts';
import { type Listing, parseListing } from '../nftables/listing.ts';
import { normalTarget } from './entries.ts';

/** Reads `nft -j list table bridge guestgate`. @throws CommandError if it is not whole */
export function parsePortListing(text: string, table: AntispoofTable): Listing {
  const { entries, baseRuleset } = parseListing(text, table);
  const normal = entries.map((entry) =>
    entry.set === 'targets' ? { ...entry, key: normalTarget(entry.key) } : entry,
  );
  return { entries: normal, baseRuleset };
}
