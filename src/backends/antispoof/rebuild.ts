import { type AntispoofTable, antispoofTables, antispoofTablesOf } from '../../model/antispoof.ts';
import type { KernelCommand } from '../../model/command.ts';
import { nft, renderAdditions, renderClearing } from '../nftables/statements.ts';
import { renderBaseRuleset } from './base-ruleset.ts';
import type { AntispoofPart } from './contract.ts';
import { tableEntries } from './table-entries.ts';

/** See `Antispoof`. */
export function rebuild(
  guests: readonly AntispoofPart[],
  used: readonly AntispoofTable[],
): readonly KernelCommand[] {
  const needed = new Set([...used, ...guests.flatMap(({ ports }) => ports.flatMap(antispoofTablesOf))]);
  const tables = antispoofTables.filter((table) => needed.has(table));
  if (tables.length === 0) return [];
  const entries = guests.flatMap(({ label, ports }) => ports.flatMap((port) => tableEntries(port, label)));
  const made = tables.map((table) => renderClearing(table) + renderBaseRuleset(table));
  return [nft(made.join('') + renderAdditions(entries))];
}
