import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AntispoofTable, antispoofTableOf, antispoofTables, isAntispoof } from '../model/antispoof.ts';
import type { Element } from '../model/element.ts';
import { paths } from '../model/paths.ts';
import { writeWhole } from '../system/files.ts';

/** It is there from the first port on that needs this table: until then nobody looks at it. */
const file = (table: AntispoofTable) => join(paths.state, `vifs-${table}`);

/** The tables of Xen's ports that any guest's record has needed since the host was booted. */
export function recordedAntispoofTables(): readonly AntispoofTable[] {
  return antispoofTables.filter((table) => existsSync(file(table)));
}

/** Says that they are needed: before the kernel is changed. */
export function noteAntispoofTables(elements: readonly Element[]): void {
  for (const table of new Set(elements.filter(isAntispoof).map(antispoofTableOf)))
    if (!existsSync(file(table))) writeWhole(file(table), '');
}
