import type { Backend } from '../backends/backend.ts';
import { chains } from '../backends/iptables/chains.ts';
import { names } from '../backends/names.ts';
import { removeTable } from '../backends/nftables/transaction.ts';
import { families } from '../model/address.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { ChainName } from '../model/chain.ts';
import { vifTables } from '../model/vif.ts';
import { recordedVifTables } from '../state/port-tables.ts';
import { hasLegacyTable } from '../system/host.ts';
import { listRules } from '../system/netlink-rules.ts';
import { run, tryRun } from '../system/run.ts';
import { removeLeft } from './switch-backend.ts';

/*
 * Rules of guestgate that no state file mentions: another back end made them, and then /run/guestgate was removed or a
 * saved ruleset was loaded at boot.
 */

/** Removes the rules of these back ends, after the staying back end has all rules. */
export async function removeLeftovers(found: readonly BackendName[], staying: Backend): Promise<void> {
  const used = recordedVifTables();
  for (const table of vifTables)
    if (!used.includes(table) && isChainThere({ family: table, table: names.table, chain: 'check' }))
      run(removeTable(table), 'removing an unused table');
  for (const name of found) await removeLeft(name, staying);
}

/** The back ends, other than the one in use, that have rules in the kernel. */
export function findLeftovers(used: BackendName | undefined): BackendName[] {
  const all: readonly BackendName[] = ['nftables', 'iptables-nft', 'iptables-legacy'];
  return all.filter((name) => name !== used && hasRules(name));
}

/** Whether the kernel has chains that only this back end creates. The check creates no table and loads no module. */
function hasRules(name: BackendName): boolean {
  switch (name) {
    case 'nftables':
      return families.some((family) => isChainThere({ family, table: names.table, chain: 'prerouting' }));
    case 'iptables-nft':
      return families.some((family) => isChainThere({ family, table: 'nat', chain: chains.prerouting }));
    case 'iptables-legacy':
      return families.some(
        (family) => hasLegacyTable(family, 'nat') && listLegacy(family).includes(`:${chains.prerouting} `),
      );
  }
}

export function isChainThere(chain: ChainName): boolean {
  const rules = listRules(chain);
  if (rules !== undefined) return rules !== 'missing';
  const args = ['list', 'chain', chain.family, chain.table, chain.chain];
  return tryRun({ program: 'nft', args }) !== undefined;
}

function listLegacy(family: 'ip' | 'ip6'): string {
  const program = family === 'ip' ? 'iptables-legacy-save' : 'ip6tables-legacy-save';
  return tryRun({ program, args: ['-t', 'nat'] }) ?? '';
}
