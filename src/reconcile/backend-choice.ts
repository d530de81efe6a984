import type { Backend } from '../backends/backend.ts';
import type { Inspection } from '../backends/inspection.ts';
import { renderBaseRuleset } from '../backends/nftables/base-ruleset.ts';
import { reasonAgainstNftables } from '../backends/nftables/support.ts';
import { nftables } from '../backends/nftables/transaction.ts';
import type { BackendName } from '../model/backend-name.ts';
import { defaultHostPolicy, type HostPolicy } from '../model/policy.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { readMemo, writeMemo } from '../state/chosen-backend.ts';
import { type HostState, nameInUse } from '../state/host-state.ts';
import { singleFlight } from '../state/single-flight.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasState } from '../system/files.ts';
import { hasProgram, iptablesVariant } from '../system/host.ts';
import { toSystem } from '../system/log-line.ts';
import { run } from '../system/run.ts';

/*
 * Which back end makes the rules: a name, chosen from configuration and host and passed on with the plan; and the back
 * end of a name. The iptables back end is loaded where it is asked for: hosts with nftables pay nothing for it.
 */

/** The back end of a name. */
export async function backendNamed(name: BackendName): Promise<Backend> {
  if (name === 'nftables') return nftables;
  const { iptables } = await import('../backends/iptables/transaction.ts');
  return iptables(name === 'iptables-legacy' ? 'legacy' : 'nft');
}

/** All back ends: for callers that remove what any of them may have left. */
export function allBackends(): Promise<Backend[]> {
  const names: readonly BackendName[] = ['nftables', 'iptables-nft', 'iptables-legacy'];
  return Promise.all(names.map(backendNamed));
}

/** The back end in use; nftables where none is. */
export function backendInUse(state: HostState): Promise<Backend> {
  return backendNamed(nameInUse(state) ?? 'nftables');
}

/** The back end in use, and the one that the configuration asks for instead; undefined: they are the same. */
export function otherBackend(
  state: HostState,
  wanted: BackendName | undefined,
): { from: BackendName; to: BackendName } | undefined {
  const from = nameInUse(state);
  return from === undefined || wanted === undefined || from === wanted ? undefined : { from, to: wanted };
}

/** Lists and compares the rules of the back end in use. */
export async function inspectionInUse(state: HostState): Promise<Inspection> {
  const name = nameInUse(state) ?? 'nftables';
  if (name === 'nftables') return (await import('../backends/nftables/inspection.ts')).inspection;
  const { inspection } = await import('../backends/iptables/inspection.ts');
  return inspection(name === 'iptables-legacy' ? 'legacy' : 'nft');
}

/** The back end that the configuration asks for on this host. */
export async function chooseBackend(policy: HostPolicy['backend'], state: HostState): Promise<BackendName> {
  if (policy === 'auto') return readMemo() ?? (await askHost(state));
  return policy === 'iptables' ? iptablesHere(state) : policy;
}

function askHost(state: HostState): Promise<BackendName> {
  const ask = async () => {
    const choice = chosenByHost(state);
    if (choice instanceof Error) return inDoubt(state, choice);
    await remember(choice);
    return choice.name;
  };
  // A command that only looks makes no state folder, and no other process is at work then.
  return hasState() ? Promise.resolve(singleFlight('asking', readMemo, ask)) : ask();
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

/** What the host can do, and why not nftables. */
interface Choice {
  readonly name: BackendName;
  readonly why?: string;
}

/** Writes the host's answer down until the next boot, once there is a state folder. The log says so if it is not nftables. */
async function remember({ name, why }: Choice): Promise<void> {
  bestEffort('noting the back end that the host can have', () => writeMemo(name));
  if (why === undefined || readMemo() !== name) return;
  const message = `the rules are made with ${name} until the next boot: ${why} (backend = "auto" in [host])`;
  await toSystem({ level: 'info', message });
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
