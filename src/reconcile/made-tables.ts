import type { BackendName } from '../model/backend-name.ts';
import type { ChainName } from '../model/chain.ts';
import type { KernelCommand } from '../model/command.ts';
import { type NftObject, readNftJson } from '../model/program-output.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasProgram, hostFamilies } from '../system/host.ts';
import { hasTable, listRules } from '../system/netlink-rules.ts';
import { tryRun } from '../system/run.ts';

/*
 * iptables-nft creates tables and base chains on first use and never removes them. guestgate records those that its own
 * rules cause, such as `ip mangle` or `ip nat PREROUTING`, and removes them with its rules if no other program uses
 * them: the ruleset is then as before.
 */

/** The base chains that iptables-nft may create in each of its tables. */
const chainsOf = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
} as const;

/** The missing tables and base chains that a transaction of the back end may create. */
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

/** Asks nft if the kernel cannot be asked directly. Without nft, no table counts as missing: guestgate could not remove it. */
function lacksTable(family: string, table: string): boolean {
  return !(hasTable(family, table) ?? nftLists('table', [family, table]));
}

function lacksChain(where: ChainName): boolean {
  const rules = listRules(where);
  if (rules !== undefined) return rules === 'missing';
  return !nftLists('chain', [where.family, where.table, where.chain]);
}

function nftLists(kind: 'table' | 'chain', path: readonly string[]): boolean {
  return !hasProgram('nft') || tryRun({ program: 'nft', args: ['list', kind, ...path] }) !== undefined;
}

/**
 * Removes base chains without rules and with policy accept, and tables that hold only such chains.
 *
 * @param made as `tablesToCome()` names them
 */
export function removeMadeTables(made: readonly string[]): void {
  if (made.length === 0 || !hasProgram('nft')) return;
  const text = tryRun(everything);
  if (text === undefined) return;
  // An incomplete listing proves nothing: tables and chains stay.
  const script = bestEffort('looking for empty tables', () =>
    readNftJson(text, everything, (objects) => renderMadeRemoval(made, objects)),
  );
  if (script !== undefined && script !== '') tryRun({ program: 'nft', args: ['-f', '-'], input: script });
}

/** `-t` leaves out the elements of sets, which may be very many. */
const everything: KernelCommand = { program: 'nft', args: ['-j', '-t', 'list', 'ruleset'] };

/**
 * Deletes chains singly only in tables that another program uses; other chains are deleted with their table. Pure.
 *
 * @param made as `tablesToCome()` names them
 * @param objects of `nft -j list ruleset`
 */
export function renderMadeRemoval(made: readonly string[], objects: readonly NftObject[]): string {
  const paths = made.map((path) => path.split(' '));
  const chains = paths.filter((path) => path.length === 3 && isEmptyChain(path, objects));
  const tables = paths.filter((path) => path.length === 2 && isEmptyTable(path, objects));
  const inTable = (chain: readonly string[]) =>
    tables.some((table) => table[0] === chain[0] && table[1] === chain[1]);
  return [
    ...chains.filter((chain) => !inTable(chain)).map((chain) => `delete chain ${chain.join(' ')}\n`),
    ...tables.map((table) => `delete table ${table.join(' ')}\n`),
  ].join('');
}

/** Reads `nft -j list ruleset` (libnftables-json(5)). */
function isEmptyChain([family, table, name]: readonly string[], objects: readonly NftObject[]): boolean {
  const inTable = objectsOf(family, table, objects);
  const chain = inTable.find((object) => object.kind === 'chain' && object.value['name'] === name);
  return (
    chain !== undefined &&
    isAcceptingBase(chain.value) &&
    !inTable.some((object) => object.kind === 'rule' && object.value['chain'] === name)
  );
}

function isEmptyTable([family, table]: readonly string[], objects: readonly NftObject[]): boolean {
  const isThere = objects.some(({ table: found }) => isIn(found, family, 'name', table));
  const inTable = objectsOf(family, table, objects);
  return isThere && inTable.every(({ kind, value }) => kind === 'chain' && isAcceptingBase(value));
}

interface Listed {
  readonly kind: string;
  readonly value: NftObject;
}

/** The chains, rules, sets and other objects in a table. */
function objectsOf(
  family: string | undefined,
  table: string | undefined,
  objects: readonly NftObject[],
): Listed[] {
  return objects.flatMap((object) =>
    Object.entries(object).flatMap(([kind, value]) =>
      isIn(value, family, 'table', table) ? [{ kind, value: value as NftObject }] : [],
    ),
  );
}

function isIn(value: unknown, family: string | undefined, key: string, name: string | undefined): boolean {
  const object = value as NftObject | undefined;
  return object?.['family'] === family && object?.[key] === name;
}

function isAcceptingBase(chain: NftObject): boolean {
  return chain['hook'] !== undefined && chain['policy'] === 'accept';
}
