import { savedFilter } from '../backends/head-rules.ts';
import { hasUserChain, isUserChainUnused } from '../backends/iptables/listing.ts';
import { restore } from '../backends/iptables/programs.ts';
import { names } from '../backends/names.ts';
import type { KernelCommand } from '../model/command.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasLegacyTable, hasProgram, hostFamilies } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { listRules } from '../system/netlink-rules.ts';
import { run, tryRun } from '../system/run.ts';

/*
 * The places for the administrator's own rules about what guestgate forwards. guestgate makes them, empty, and removes them
 * only while they are empty. With nftables it is a table of its own: a rebuild deletes guestgate's tables, and another base
 * chain can refuse whatever guestgate accepts. With iptables it is a chain, which `head-rules.ts` and the back end lead to.
 */

const table = `inet ${names.userTable}`;
const chain = { family: 'inet', table: names.userTable, chain: 'forward' };

/** Before the chains in which guestgate and others decide. */
const makeTable: KernelCommand = {
  program: 'nft',
  args: ['-f', '-'],
  input: `add table ${table}\nadd chain ${table} forward { type filter hook forward priority mangle - 20; policy accept; }\n`,
};

/** Makes the administrator's table of nftables if it is missing. */
export function makeUserTable(): void {
  if (isTableThere()) return;
  bestEffort("creating the table for the administrator's rules", () => run(makeTable, 'creating the table'));
}

function isTableThere(): boolean {
  const rules = listRules(chain);
  if (rules !== undefined) return rules !== 'missing';
  return tryRun({ program: 'nft', args: ['list', 'table', 'inet', names.userTable] }) !== undefined;
}

/**
 * Removes the administrator's places that are empty and to which no rule leads.
 *
 * @param tableToo also that of nftables
 * @returns those that hold rules, as an administrator names them
 */
export function removeUnusedUserPlaces(tableToo: boolean): string[] {
  return [
    ...(tableToo ? removeTable() : []),
    ...hostFamilies().flatMap((family) =>
      (['nft', 'legacy'] as const).flatMap((variant) => {
        if (
          variant === 'legacy'
            ? !hasLegacyTable(family, 'filter')
            : !hasProgram(savedFilter(family, variant).program)
        )
          return [];
        const listing = tryListing(savedFilter(family, variant)) ?? '';
        if (!hasUserChain(listing)) return [];
        const remove = restore(variant, family, `*filter\n-X ${names.userChain}\nCOMMIT\n`);
        if (isUserChainUnused(listing)) run(remove, `removing the empty chain ${names.userChain}`);
        return isUserChainUnused(listing)
          ? []
          : [`${names.userChain} of ${remove.program.replace('-restore', '')}`];
      }),
    ),
  ];
}

function removeTable(): string[] {
  if (!hasProgram('nft')) return [];
  const listing = tryRun({ program: 'nft', args: ['list', 'table', 'inet', names.userTable] });
  if (listing === undefined) return [];
  // Anything but the one empty chain is the administrator's.
  const lines = listing.split('\n').map((line) => line.trim());
  const isUnused = lines.every((line) => /^(table |chain forward |type |\}|$)/.test(line));
  if (!isUnused) return [`table ${table}`];
  run(
    { program: 'nft', args: ['delete', 'table', 'inet', names.userTable] },
    `removing the empty table ${table}`,
  );
  return [];
}
