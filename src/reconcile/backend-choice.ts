import type { Backend } from '../backends/backend.ts';
import type { Inspection } from '../backends/inspection.ts';
import { renderBaseRuleset } from '../backends/nftables/base-ruleset.ts';
import { reasonAgainstNftables } from '../backends/nftables/support.ts';
import { nftables } from '../backends/nftables/transaction.ts';
import type { BackendName } from '../model/backend-name.ts';
import { defaultHostPolicy, type HostPolicy } from '../model/policy.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { readMemo, writeMemo } from '../state/chosen-backend.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { singleFlight } from '../state/single-flight.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasState } from '../system/files.ts';
import { hasProgram, iptablesVariant } from '../system/host.ts';
import { toSystem } from '../system/log-line.ts';
import { run } from '../system/run.ts';

/*
 * Which back end makes the rules. nftables' is here always; iptables' is loaded where it is in use or wanted, before
 * the lock is taken: who has nftables pays nothing for it.
 */

const loaded = new Map<BackendName, Backend>([[nftables.name, nftables]]);

/** What the configuration wants, if this process has read it. */
let wanted: BackendName | undefined;

/** What the host can do, and why not nftables. */
interface Choice {
  readonly name: BackendName;
  readonly why?: string;
}

/** What this process has found out, and no file says yet. */
let found: Choice | undefined;

/** Makes ready what the configuration wants, and what is in use. */
export async function chooseBackend(policy: HostPolicy['backend']): Promise<void> {
  const state = readHostState();
  if (policy === 'auto') wanted = readMemo() ?? (await askHost(state));
  else wanted = policy === 'iptables' ? iptablesHere(state) : policy;
  await load(wanted);
  await loadBackends(state);
}

function askHost(state: HostState): BackendName | Promise<BackendName> {
  const ask = async () => {
    const choice = chosenByHost(state);
    if (choice instanceof Error) return inDoubt(state, choice);
    found = choice;
    rememberChoice();
    return choice.name;
  };
  // Whoever only looks makes no state folder, and there is nobody else at work then.
  return hasState() ? singleFlight('asking', readMemo, ask) : ask();
}

/** A failure that may be over in a moment decides nothing: what is in use stays, and the next event asks again. */
async function inDoubt(state: HostState, failure: Error): Promise<BackendName> {
  const name = nameInUse(state) ?? 'nftables';
  await toSystem({
    level: 'warn',
    message: `choosing between nftables and iptables: ${messageOf(failure)}: this event uses ${name}, the next one asks again`,
  });
  return name;
}

/** Writes down what the host said, once there is a state folder. The log says so if it is not nftables. */
export function rememberChoice(): void {
  if (found === undefined || readMemo() === found.name) return;
  const { name, why } = found;
  bestEffort(() => writeMemo(name));
  if (readMemo() !== name) return;
  found = undefined;
  if (why === undefined) return;
  const message = `the rules are made with ${name} until the next boot: ${why} (backend = "auto" in [host])`;
  void toSystem({ level: 'info', message });
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

/**
 * nftables, where there is nft and the kernel takes our chains (`nft -c`); iptables, where there is that and nft says
 * that it cannot.
 *
 * @returns why there is no answer now
 */
function chosenByHost(state: HostState): Choice | Error {
  const { mark = defaultHostPolicy.mark } = state;
  const instead = (why: string, failure: Error): Choice | Error => {
    if (!hasProgram('iptables-restore')) return failure;
    const variant = iptablesVariant();
    if (variant === undefined) return new Error(`${why}, and iptables does not tell its version`);
    return { name: `iptables-${variant}` as const, why };
  };
  if (!hasProgram('nft')) return instead('nft is not installed', new Error('nft is not installed'));
  try {
    run({ program: 'nft', args: ['-c', '-f', '-'], input: renderBaseRuleset(mark) }, 'checking our rules');
    return { name: 'nftables' };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const reason = reasonAgainstNftables(error.failure.stderr);
    return reason === undefined ? error : instead(`nft says: ${reason}`, error);
  }
}

/** The variant that this host's iptables is of; where it does not answer now, the one that is in use. */
function iptablesHere({ backend }: HostState): BackendName {
  const variant = iptablesVariant();
  if (variant === undefined && backend !== undefined && backend !== 'nftables') return backend;
  return `iptables-${variant ?? 'legacy'}`;
}
