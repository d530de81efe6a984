import type { Family } from '../../model/address.ts';

/** An entry of one of the base ruleset's sets (no value) or maps. */
export interface Entry {
  readonly set: string;
  readonly key: string;
  readonly value?: string;
}

/** The families of nft that our tables are of. */
export type TableFamily = Family | 'bridge' | 'inet';

/** An entry of our table of a family, with the encoded name of the guest it belongs to. */
export interface TableEntry extends Entry {
  readonly family: TableFamily;
  readonly label?: string;
}

/** An entry of ours as the kernel lists it: names without quotes, single hosts without their /32 or /128. */
export function asListed({ set, key, value }: Entry): Entry {
  const plain = key.replaceAll('"', '').replaceAll(/(?<=\.\d+)\/32\b|\/128\b/g, '');
  return { set, key: plain, ...(value !== undefined && { value }) };
}
