import type { Backend } from '../backends/backend.ts';
import type { Inspection } from '../backends/inspection.ts';
import { renderSkeleton } from '../backends/nftables/skeleton.ts';
import { nftables } from '../backends/nftables/transaction.ts';
import type { BackendName } from '../model/backend-name.ts';
import { defaultHostPolicy, type HostPolicy } from '../model/policy.ts';
import { CommandError } from '../model/problem.ts';
import { readMemo, writeMemo } from '../state/chosen-backend.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { oneForAll } from '../state/single-flight.ts';
import { tolerate } from '../system/best-effort.ts';
import { hasState } from '../system/files.ts';
import { hasProgram, iptablesVariant } from '../system/host.ts';
import { run } from '../system/run.ts';

/*
 * Which back end makes the rules. nftables' is here always; iptables' is loaded where it is in use or wanted, before
 * the lock is taken: who has nftables pays nothing for it.
 */

const loaded = new Map<BackendName, Backend>([[nftables.name, nftables]]);

/** What the configuration wants, if this process has read it. */
let wanted: BackendName | undefined;

/** What the host was asked for by this process. */
let asked: BackendName | undefined;

/** Makes ready what the configuration wants, and what is in use. */
export async function chooseBackend(policy: HostPolicy['backend']): Promise<void> {
  const state = readHostState();
  if (policy === 'auto') wanted = readMemo() ?? (await askHost(state));
  else wanted = policy === 'iptables' ? `iptables-${iptablesVariant()}` : policy;
  await load(wanted);
  await loadBackends(state);
}

function askHost(state: HostState): BackendName | Promise<BackendName> {
  const ask = () => {
    asked = chosenByHost(state);
    rememberChoice();
    return asked;
  };
  // Whoever only looks makes no state folder, and there is nobody else at work then.
  return hasState() ? oneForAll('asking', readMemo, ask) : ask();
}

/** Writes down what the host said, once there is a state folder. */
export function rememberChoice(): void {
  const name = asked;
  if (name !== undefined) tolerate(() => writeMemo(name));
}

/** Makes ready what is in use. */
export async function loadBackends(state = readHostState()): Promise<void> {
  for (const name of [state.backend, state.leaving]) await load(name);
}

/** Makes ready all that there are: for whoever removes what any of them may have left. */
export async function loadAllBackends(): Promise<Backend[]> {
  for (const name of ['iptables-nft', 'iptables-legacy'] as const) await load(name);
  return [...loaded.values()];
}

async function load(name: BackendName | undefined): Promise<void> {
  if (name === undefined || loaded.has(name)) return;
  const { iptables } = await import('../backends/iptables/transaction.ts');
  loaded.set(name, iptables(name === 'iptables-legacy' ? 'legacy' : 'nft'));
}

/** The back end that is in use; undefined: nothing of ours is in the kernel. Before there were two, it was nftables. */
export function nameInUse({ backend, mark }: HostState): BackendName | undefined {
  return backend ?? (mark === undefined ? undefined : 'nftables');
}

/** The back end that rules are to be made with. */
export function wantedBackend(state: HostState): Backend {
  return (wanted !== undefined && loaded.get(wanted)) || backendInUse(state);
}

/** What the configuration wants, as far as this process has read it: whoever does its work is told. */
export function wantedName(): BackendName | undefined {
  return wanted;
}

/** What somebody else's configuration wants, who has left work to do. Where it is not ready here, the next event sees to it. */
export function preferBackend(name: BackendName | undefined): void {
  if (name !== undefined && loaded.has(name)) wanted = name;
}

/** The back end in use, and the one that the configuration wants in its place; undefined: they are the same. */
export function otherBackend(state: HostState): { from: BackendName; to: BackendName } | undefined {
  const [from, { name: to }] = [nameInUse(state), wantedBackend(state)];
  return from === undefined || from === to ? undefined : { from, to };
}

/** @throws Error if it has become another since this process began */
export function backendInUse(state: HostState): Backend {
  const name = nameInUse(state) ?? 'nftables';
  const backend = loaded.get(name);
  if (backend === undefined) throw new Error(`the back end ${name} came into use meanwhile: try again`);
  return backend;
}

/** A back end by its name, if it was made ready. */
export function readyBackend(name: BackendName): Backend | undefined {
  return loaded.get(name);
}

/** What looks at the rules of the back end in use. */
export async function inspectionInUse(state: HostState): Promise<Inspection> {
  const name = nameInUse(state) ?? 'nftables';
  if (name === 'nftables') return (await import('../backends/nftables/inspection.ts')).inspection;
  const { inspection } = await import('../backends/iptables/inspection.ts');
  return inspection(name === 'iptables-legacy' ? 'legacy' : 'nft');
}

/** nftables, where there is nft and the kernel takes our chains (`nft -c`); otherwise iptables, where there is that. */
function chosenByHost({ mark = defaultHostPolicy.mark }: HostState): BackendName {
  const iptables = hasProgram('iptables-restore') ? (`iptables-${iptablesVariant()}` as const) : undefined;
  if (!hasProgram('nft')) return iptables ?? 'nftables';
  try {
    run({ program: 'nft', args: ['-c', '-f', '-'], input: renderSkeleton(mark) }, 'asking for nftables');
    return 'nftables';
  } catch (error) {
    // One that hangs may be better another time.
    const cannot = error instanceof CommandError && error.failure.exitCode !== undefined;
    return (cannot ? iptables : undefined) ?? 'nftables';
  }
}
