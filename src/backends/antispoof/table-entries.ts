import { antispoofTablesOf, type PortTableElement } from '../../model/antispoof.ts';
import type { TableEntry } from '../nftables/entry.ts';
import { entriesOf } from './entries.ts';

export function tableEntries(element: PortTableElement, label = ''): TableEntry[] {
  return antispoofTablesOf(element).flatMap((family) =>
    entriesOf(element, family).map((entry) => ({ ...entry, family, label })),
  );
}
