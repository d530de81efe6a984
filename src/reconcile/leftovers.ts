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
 * Rules of ours that no state explains: /run/guestgate was removed, or a saved ruleset was loaded at boot, while the rules
 * were another back end's than the one in use now.
 */

/** Removes what these back ends have in the kernel, when all is made in the one that stays. */
export async function removeLeftovers(found: readonly BackendName[], staying: Backend): Promise<void> {
  const used = recordedVifTables();
  for (const table of vifTables)
    if (!used.includes(table) && isChainThere({ family: table, table: names.table, chain: 'check' }))
      run(removeTable(table), 'removing a table that no guest needs');
  for (const name of found) await removeLeft(name, staying);
}

/** The back ends, other than the one in use, that have rules in the kernel. */
export function findLeftovers(used: BackendName | undefined): BackendName[] {
  const all: readonly BackendName[] = ['nftables', 'iptables-nft', 'iptables-legacy'];
  return all.filter((name) => name !== used && hasRules(name));
}

/** Whether chains stand there that only this back end makes. Looking makes no table, and loads no module. */
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
