import type { Backend } from '../backends/backend.ts';
import { chains } from '../backends/iptables/chains.ts';
import { names } from '../backends/names.ts';
import { families } from '../model/address.ts';
import { type BackendName, backendNames } from '../model/backend-name.ts';
import { hasLegacyTable } from '../system/host.ts';
import { tryRun } from '../system/run.ts';
import { removeUnusedPortTables } from './antispoof-tables.ts';
import { isChainThere } from './chain-there.ts';
import { removeLeft } from './switch-backend.ts';

/*
 * Rules of guestgate that no state file mentions: another back end made them, and then /run/guestgate was removed or a
 * saved ruleset was loaded at boot.
 */

/** Removes the rules of these back ends, after the staying back end has all rules. */
export async function removeLeftovers(found: readonly BackendName[], staying: Backend): Promise<void> {
  removeUnusedPortTables();
  for (const name of found) await removeLeft(name, staying);
}

/** The back ends, other than the one in use, that have rules in the kernel. */
export function findLeftovers(used: BackendName | undefined): BackendName[] {
  return backendNames.filter((name) => name !== used && hasRules(name));
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

function listLegacy(family: 'ip' | 'ip6'): string {
  const program = family === 'ip' ? 'iptables-legacy-save' : 'ip6tables-legacy-save';
  return tryRun({ program, args: ['-t', 'nat'] }) ?? '';
}
