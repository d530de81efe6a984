import { nftables } from '../backends/nftables/transaction.ts';
import type { BackendName } from '../model/backend-name.ts';
import { nameInUse, readHostState } from '../state/host-state.ts';
import { bestEffort } from '../system/best-effort.ts';
import { makeState } from '../system/files.ts';
import { isAnyPortTableThere, removeUnusedPortTables } from './antispoof-tables.ts';
import { backendNamed } from './backend-choice.ts';
import { hasHeadRules, removeHeadRules } from './head-rules.ts';
import { findLeftovers } from './leftovers.ts';
import { locked } from './queue.ts';
import { removeBackend } from './switch-backend.ts';
import { removeUnusedUserPlaces } from './user-rules.ts';

/*
 * A boot script (iptables-persistent, nftables.service) may load a ruleset that was saved while guests ran. Its forwards
 * may lead to addresses that no running guest has. The state folder, on a tmpfs, is empty then.
 */

/** The back ends that have rules in the kernel although, by the state, none is in use. */
export function findUnexplained(): BackendName[] {
  if (nameInUse(readHostState()) !== undefined) return [];
  const found = findLeftovers(undefined);
  return found.length === 0 && (hasHeadRules(nftables) || isAnyPortTableThere()) ? ['nftables'] : found;
}

/**
 * Removes their rules. Creates the state folder, so that guests' events look only once after a boot.
 *
 * @returns the back ends whose rules were removed
 */
export async function removeUnexplained(): Promise<readonly BackendName[]> {
  bestEffort('creating the state folder', makeState);
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
  if (found.length > 0) {
    removeUnusedPortTables();
    removeUnusedUserPlaces(true);
  }
  return found;
}
