import type { Backend } from '../backends/backend.ts';
import type { BackendName } from '../model/backend-name.ts';
import { type HostState, nameInUse, readHostState, writeHostState } from '../state/host-state.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasLegacyTables, hasProgram, hostFamilies } from '../system/host.ts';
import { backendInUse, backendNamed } from './backend-choice.ts';
import { removeHeadRules } from './head-rules.ts';
import { runSteps, survey } from './kernel.ts';
import { removeMadeTables, tablesToCome } from './made-tables.ts';

/*
 * From one back end to another while guests run: all is made in the new one, our accepts and entrances are put first,
 * and only then the old one's rules go. In between both translate, alike, and both admit: no moment is closed. The
 * host's state names the old one until nothing of it is left, whoever is killed.
 */

/**
 * Says in the host's state which back end the kernel is about to hold.
 *
 * @param wanted the back end that the rules are to be made with
 * @returns it, and the one that is to be left; where that cannot be written down, the one in use stays
 */
export async function enter(
  state: HostState,
  wanted: BackendName,
): Promise<{ backend: Backend; left?: BackendName }> {
  const backend = await backendNamed(wanted);
  const used = nameInUse(state);
  const left = used !== undefined && used !== backend.name ? used : state.leaving;
  const entered = { backend, ...(left !== undefined && left !== backend.name && { left }) };
  const isNews = used !== backend.name && (used !== undefined || backend.name !== 'nftables');
  // Another program may have flushed the ruleset since the back end came into use: all rules are made again.
  const made = [...new Set([...(state.made ?? []), ...tablesToCome(backend.name)])];
  if (!isNews && made.length === (state.made ?? []).length) return entered;
  const leaving = left === undefined || left === backend.name ? {} : { leaving: left };
  const written = bestEffort('noting the back end', () => {
    const { leaving: _, ...rest } = state;
    const own = made.length === 0 ? {} : { made };
    writeHostState({ ...rest, backend: backend.name, ...leaving, ...own });
    return true;
  });
  // Where that cannot be written down, the rules are more important than what is left after an uninstall.
  return written === true || !isNews ? entered : { backend: await backendInUse(state) };
}

/** Removes what a back end made, but for what the one that is in use now needs of it. */
export async function removeLeft(name: BackendName, staying: Backend): Promise<void> {
  const backend = await backendNamed(name);
  removeHeadRules(backend, staying);
  removeBackend(backend, staying.name === 'nftables' ? ['filter'] : ['filter', 'nat']);
  removeMadeTables(readHostState().made ?? []);
}

/** Removes a back end's chains and what leads to them, where there can be any. */
export function removeBackend(backend: Backend, keep: readonly ('filter' | 'nat')[]): void {
  if (!isPossible(backend.name)) return;
  for (const family of hostFamilies())
    runSteps(backend.remove(family, survey(backend, family), keep), 'removing our chains');
}

/** Looking for rules must not make tables. */
function isPossible(name: BackendName): boolean {
  if (name === 'nftables') return hasProgram('nft');
  if (name === 'iptables-legacy') return hasLegacyTables();
  return hasProgram('iptables-nft-save', 'iptables-save');
}
