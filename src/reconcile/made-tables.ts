import type { BackendName } from '../model/backend-name.ts';
import type { ChainName } from '../model/chain.ts';
import type { KernelCommand } from '../model/command.ts';
import { readNftJson } from '../model/program-output.ts';
import { tolerate } from '../system/best-effort.ts';
import { hasProgram, hostFamilies } from '../system/host.ts';
import { hasTable, listRules } from '../system/netlink-rules.ts';
import { tryRun } from '../system/run.ts';

/*
 * iptables-nft makes a table or a base chain when it first needs it, and never removes either. guestgate notes those that
 * it causes, `ip mangle` and `ip nat PREROUTING`, and removes them with its rules if no other program uses them: the
 * ruleset is then what it was.
 */

/** The base chains that iptables-nft may make in each of its tables. */
const chainsOf = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
} as const;

/** The tables and base chains that this kernel does not have, before a transaction of the back end may make them. */
export function tablesToCome(name: BackendName): string[] {
  if (name !== 'iptables-nft') return [];
  return hostFamilies().flatMap((family) =>
    Object.entries(chainsOf).flatMap(([table, chains]) => [
      ...(lacksTable(family, table) ? [`${family} ${table}`] : []),
      ...chains.flatMap((chain) =>
        lacksChain({ family, table, chain }) ? [`${family} ${table} ${chain}`] : [],
      ),
    ]),
  );
}

/** Asks nft where the kernel cannot be asked directly. Without nft, nothing could be removed later. */
function lacksTable(family: string, table: string): boolean {
  return !(hasTable(family, table) ?? nftLists('table', [family, table]));
}

function lacksChain(where: ChainName): boolean {
  const rules = listRules(where);
  if (rules !== undefined) return rules === 'missing';
  return !nftLists('chain', [where.family, where.table, where.chain]);
}

function nftLists(kind: 'table' | 'chain', path: readonly string[]): boolean {
  return !hasProgram('nft') || tryRun(listing(kind, path)) !== undefined;
}

/**
 * Removes the base chains that hold no rule and accept by default, and the tables that hold nothing but such chains.
 *
 * @param made as `tablesToCome()` names them
 */
export function removeMadeTables(made: readonly string[]): void {
  const paths = made.map((path) => path.split(' '));
  // A chain goes before its table: the table may stay because another program uses it.
  for (const path of paths.filter(({ length }) => length === 3)) removeIfEmpty('chain', path);
  for (const path of paths.filter(({ length }) => length === 2)) removeIfEmpty('table', path);
}

function removeIfEmpty(kind: 'table' | 'chain', path: readonly string[]): void {
  const command = listing(kind, path);
  const text = tryRun(command);
  if (text !== undefined && tolerate(() => isEmpty(text, command)) === true)
    tryRun({ program: 'nft', args: ['delete', kind, ...path] });
}

function listing(kind: 'table' | 'chain', path: readonly string[]): KernelCommand {
  return { program: 'nft', args: ['-j', 'list', kind, ...path] };
}

/** Reads `nft -j list` (libnftables-json(5)). A listing that is not whole proves nothing: table and chain stay. */
function isEmpty(text: string, command: KernelCommand): boolean {
  return readNftJson(text, command, (objects) =>
    objects.every(({ metainfo, table, chain }) => {
      const base = chain as { hook?: string; policy?: string } | undefined;
      return (
        metainfo !== undefined ||
        table !== undefined ||
        (base?.hook !== undefined && base.policy === 'accept')
      );
    }),
  );
}
