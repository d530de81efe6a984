import type { VifTable } from '../../model/vif.ts';

/** An entry of a set (no value) or map of the base ruleset. */
export interface Entry {
  /** The table's family where it is not the element's. */
  readonly family?: VifTable;
  readonly set: string;
  readonly key: string;
  readonly value?: string;
}
