import { names } from '../backends/names.ts';
import { nftables, removeTable } from '../backends/nftables/transaction.ts';
import type { BackendName } from '../model/backend-name.ts';
import { vifTables } from '../model/vif.ts';
import { nameInUse, readHostState } from '../state/host-state.ts';
import { makeState } from '../system/files.ts';
import { run } from '../system/run.ts';
import { backendNamed } from './backend-choice.ts';
import { hasHeadRules, removeHeadRules } from './head-rules.ts';
import { findLeftovers, isChainThere } from './leftovers.ts';
import { locked } from './queue.ts';
import { removeBackend } from './switch-backend.ts';

/*
 * A boot script (iptables-persistent, nftables.service) may load a ruleset that was saved while guests ran. Its forwards
 * may lead to addresses that no running guest has. The state folder, on a tmpfs, is empty then.
 */

/** The back ends that have rules in the kernel although, by the state, none is in use. */
export function findUnexplained(): BackendName[] {
  if (nameInUse(readHostState()) !== undefined) return [];
  const found = findLeftovers(undefined);
  return found.length === 0 && (hasHeadRules(nftables) || portTables().length > 0) ? ['nftables'] : found;
}

/**
 * Removes their rules. Creates the state folder, so that guests' events look only once after a boot.
 *
 * @returns the back ends whose rules were removed
 */
export async function removeUnexplained(): Promise<readonly BackendName[]> {
  makeState();
  return findUnexplained().length === 0 ? [] : locked(removeUnexplainedNow);
}

/** Like `removeUnexplained()`, with the lock held. */
export async function removeUnexplainedNow(): Promise<readonly BackendName[]> {
  const found = findUnexplained();
  for (const name of found) {
    const backend = await backendNamed(name);
    removeHeadRules(backend);
    removeBackend(backend, []);
  }
  if (found.length > 0) for (const table of portTables()) run(removeTable(table), 'removing an unused table');
  return found;
}

function portTables() {
  return vifTables.filter((table) => isChainThere({ family: table, table: names.table, chain: 'check' }));
}
