import type { VifTable } from '../../model/vif.ts';

/** An entry of one of the skeleton's sets (no value) or maps. */
export interface Entry {
  /** The table's family where it is not the element's. */
  readonly family?: VifTable;
  readonly set: string;
  readonly key: string;
  readonly value?: string;
}
