import type { Backend } from '../backends/backend.ts';
import type { BackendName } from '../model/backend-name.ts';
import { type HostState, nameInUse, readHostState, writeHostState } from '../state/host-state.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasLegacyTables, hasProgram, hostFamilies } from '../system/host.ts';
import { backendInUse, backendNamed } from './backend-choice.ts';
import { removeHeadRules } from './head-rules.ts';
import { runSteps, survey } from './kernel.ts';
import { removeMadeTables, tablesToCome } from './made-tables.ts';
import { removeUnusedUserPlaces } from './user-rules.ts';

/*
 * Changes the back end while guests run: the new back end gets all rules, the head rules are put first, and only then the
 * rules of the old back end are removed. In between, both translate alike and both accept, so forwards never fail. The
 * host's state names the old back end until all of its rules are removed, so that a killed process leaves nothing behind.
 */

/**
 * Writes into the host's state which back end will hold the rules.
 *
 * @returns the new back end, and the one to leave; the back end in use if the state cannot be written
 */
export async function enter(
  state: HostState,
  wanted: BackendName,
): Promise<{ backend: Backend; left?: BackendName }> {
  const backend = await backendNamed(wanted);
  const used = nameInUse(state);
  const left = used !== undefined && used !== backend.name ? used : state.leaving;
  const entered = { backend, ...(left !== undefined && left !== backend.name && { left }) };
  const isChange = used !== backend.name && (used !== undefined || backend.name !== 'nftables');
  // A rebuild may create tables that another program has removed since the back end came into use.
  const made = [...new Set([...(state.made ?? []), ...tablesToCome(backend.name)])];
  if (!isChange && made.length === (state.made ?? []).length) return entered;
  const leaving = left === undefined || left === backend.name ? {} : { leaving: left };
  const written = bestEffort('recording the back end', () => {
    const { leaving: _, ...rest } = state;
    const tables = made.length === 0 ? {} : { made };
    writeHostState({ ...rest, backend: backend.name, ...leaving, ...tables });
    return true;
  });
  // If the state cannot be written, the rules matter more than empty tables that an uninstall would leave.
  return written === true || !isChange ? entered : { backend: await backendInUse(state) };
}

/** Removes the rules of a back end, except those that the staying back end needs. */
export async function removeLeft(name: BackendName, staying: Backend): Promise<void> {
  const backend = await backendNamed(name);
  removeHeadRules(backend, staying);
  removeBackend(backend, staying.name === 'nftables' ? ['filter'] : ['filter', 'nat']);
  removeUnusedUserPlaces(staying.name !== 'nftables');
  removeMadeTables(readHostState().made ?? []);
}

/** Removes a back end's chains and the jumps to them, if the host can have any. */
export function removeBackend(backend: Backend, keep: readonly ('filter' | 'nat')[]): void {
  if (!isPossible(backend.name)) return;
  for (const family of hostFamilies())
    runSteps(backend.remove(family, survey(backend, family), keep), "removing guestgate's chains");
}

/** Whether the host can have rules of a back end. Listing them otherwise would create tables. */
function isPossible(name: BackendName): boolean {
  if (name === 'nftables') return hasProgram('nft');
  if (name === 'iptables-legacy') return hasLegacyTables();
  return hasProgram('iptables-nft-save', 'iptables-save');
}
