import type * as v from 'valibot';
import { hostKeys, limitKeys, metadataKeys, protectKeys } from './host-key-descriptions.ts';
import type { KeyDescription } from './key-description.ts';
import { guestKeys, networkKeys } from './key-descriptions.ts';
import { forwardKeys, openPortKeys } from './port-key-descriptions.ts';
import {
  forwardEntries,
  guestEntries,
  hostEntries,
  limitEntries,
  metadataEntries,
  networkEntries,
  openPortEntries,
  protectEntries,
} from './schema.ts';

/** The keys of a table, and what the schema takes at each. */
export interface KeyTable {
  readonly entries: Readonly<Record<string, v.GenericSchema>>;
  readonly keys: Readonly<Record<string, KeyDescription>>;
}

/** By the names that the manual has for them. */
export const keyTables = {
  host: { entries: hostEntries, keys: hostKeys },
  metadata: { entries: metadataEntries, keys: metadataKeys },
  protect: { entries: protectEntries, keys: protectKeys },
  guest: { entries: guestEntries, keys: guestKeys },
  network: { entries: networkEntries, keys: networkKeys },
  forward: { entries: forwardEntries, keys: forwardKeys },
  open: { entries: openPortEntries, keys: openPortKeys },
  limits: { entries: limitEntries, keys: limitKeys },
} satisfies Record<string, KeyTable>;
