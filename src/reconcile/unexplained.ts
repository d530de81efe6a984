import { nftables } from '../backends/nftables/transaction.ts';
import type { BackendName } from '../model/backend-name.ts';
import { nameInUse, readHostState } from '../state/host-state.ts';
import { makeState } from '../system/files.ts';
import { isAnyPortTableThere, removeUnusedPortTables } from './antispoof-tables.ts';
import { backendNamed } from './backend-choice.ts';
import { hasHeadRules, removeHeadRules } from './head-rules.ts';
import { findLeftovers } from './leftovers.ts';
import { locked } from './queue.ts';
import { removeBackend } from './switch-backend.ts';

/*
 * A boot script may load a ruleset that was saved while guests ran (iptables-persistent, nftables.service). The state
 * folder is on a tmpfs and empty then, so its forwards lead to addresses that no running guest may have.
 */

/** The back ends whose rules are in the kernel although the state says that none is in use. */
export function findUnexplained(): BackendName[] {
  if (nameInUse(readHostState()) !== undefined) return [];
  const found = findLeftovers(undefined);
  return found.length === 0 && (hasHeadRules(nftables) || isAnyPortTableThere()) ? ['nftables'] : found;
}

/** Removes them. Makes the state folder, so that guests' events look only once after a boot. @returns what was removed */
export async function removeUnexplained(): Promise<readonly BackendName[]> {
  makeState();
  return findUnexplained().length === 0 ? [] : locked(removeUnexplainedNow);
}

/** The same with the lock held. */
export async function removeUnexplainedNow(): Promise<readonly BackendName[]> {
  const found = findUnexplained();
  for (const name of found) {
    const backend = await backendNamed(name);
    removeHeadRules(backend);
    removeBackend(backend, []);
  }
  if (found.length > 0) removeUnusedPortTables();
  return found;
}
