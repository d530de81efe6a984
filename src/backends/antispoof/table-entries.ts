import { antispoofTableOf, type PortTableElement } from '../../model/antispoof.ts';
import type { TableEntry } from '../nftables/entry.ts';
import { entriesOf } from './entries.ts';

export function tableEntries(element: PortTableElement, label = ''): TableEntry[] {
  const family = antispoofTableOf(element);
  return entriesOf(element).map((entry) => ({ ...entry, family, label }));
}
