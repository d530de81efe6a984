import { expect, test } from 'vitest';
import { entriesOf } from '../../../../src/backends/antispoof/entries.ts';
import { parsePortListing } from '../../../../src/backends/antispoof/listing.ts';
import { asListed } from '../../../../src/backends/nftables/entry.ts';

const listing = (elem: readonly unknown[]) =>
  JSON.stringify({ nftables: [{ metainfo: {} }, { set: { name: 'targets', elem } }] });

test('targets of neighbour discovery, which nft lists as numbers, are read as they were written', () => {
  const entries = (network: string) =>
    entriesOf({ kind: 'vif', port: 'vif1.0', way: 'bridged', sources: [network] }, 'bridge')
      .filter(({ set }) => set === 'targets')
      .map(asListed);
  const first = 0xfd00n << 112n;
  const last = first + (1n << 64n) - 1n;
  const range = { concat: ['vif1.0', { range: [`0x${first.toString(16)}`, `0x${last.toString(16)}`] }] };
  expect(parsePortListing(listing([range]), 'bridge').entries).toEqual(entries('fd00::/64'));
  // A small number is listed in decimal.
  expect(parsePortListing(listing([{ concat: ['vif1.0', 5] }]), 'bridge').entries).toEqual(
    entries('::5/128'),
  );
});

test('entries of other sets are left as they are', () => {
  const text = JSON.stringify({ nftables: [{ set: { name: 'vifs', elem: ['vif1.0'] } }] });
  expect(parsePortListing(text, 'inet').entries).toEqual([{ set: 'vifs', key: 'vif1.0' }]);
});

test('half a listing is an error, with the command that shows all of it', () => {
  expect(() => parsePortListing('{"nftables": [', 'inet')).toThrow(/nft -j list table inet guestgate/);
});
