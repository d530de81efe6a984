import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Element } from '../model/element.ts';
import { paths } from '../model/paths.ts';
import { isVif, type VifTable, vifTableOf, vifTables } from '../model/vif.ts';
import { writeWhole } from '../system/files.ts';

/** It is there from the first port on that needs this table: until then no event looks at it. */
const file = (table: VifTable) => join(paths.state, `vifs-${table}`);

/** The tables of Xen's ports that any guest's record has needed since the host was booted. */
export function recordedVifTables(): readonly VifTable[] {
  return vifTables.filter((table) => existsSync(file(table)));
}

/** Says that they are needed: before the kernel is changed. */
export function noteVifTables(elements: readonly Element[]): void {
  for (const table of new Set(elements.filter(isVif).map(vifTableOf)))
    if (!existsSync(file(table))) writeWhole(file(table), '');
}
