import type { Backend } from '../backends/backend.ts';
import type { Inspection } from '../backends/inspection.ts';
import { renderBaseRuleset } from '../backends/nftables/base-ruleset.ts';
import { reasonAgainstNftables } from '../backends/nftables/support.ts';
import { nftables } from '../backends/nftables/transaction.ts';
import type { BackendName } from '../model/backend-name.ts';
import { defaultHostPolicy, type HostPolicy } from '../model/policy.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { readChosenBackend, writeChosenBackend } from '../state/chosen-backend.ts';
import { type HostState, nameInUse } from '../state/host-state.ts';
import { singleFlight } from '../state/single-flight.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasState } from '../system/files.ts';
import { hasProgram, iptablesVariant } from '../system/host.ts';
import { toSystem } from '../system/log-line.ts';
import { run } from '../system/run.ts';

/*
 * Chooses the back end from configuration and host; its name is passed on with the plan. The iptables back end is loaded
 * only when it is used: it costs hosts with nftables nothing.
 */

/** Loads a back end. */
export async function backendNamed(name: BackendName): Promise<Backend> {
  if (name === 'nftables') return nftables;
  const { iptables } = await import('../backends/iptables/transaction.ts');
  return iptables(name === 'iptables-legacy' ? 'legacy' : 'nft');
}

/** All back ends, for callers that remove the rules of any of them. */
export function allBackends(): Promise<Backend[]> {
  const names: readonly BackendName[] = ['nftables', 'iptables-nft', 'iptables-legacy'];
  return Promise.all(names.map(backendNamed));
}

/** The back end in use, by default nftables. */
export function backendInUse(state: HostState): Promise<Backend> {
  return backendNamed(nameInUse(state) ?? 'nftables');
}

/** The back end in use, and the one that the configuration chooses instead; undefined if they are the same. */
export function otherBackend(
  state: HostState,
  wanted: BackendName | undefined,
): { from: BackendName; to: BackendName } | undefined {
  const from = nameInUse(state);
  return from === undefined || wanted === undefined || from === wanted ? undefined : { from, to: wanted };
}

/** The functions that list and compare the rules of the back end in use. */
export async function inspectionInUse(state: HostState): Promise<Inspection> {
  const name = nameInUse(state) ?? 'nftables';
  if (name === 'nftables') return (await import('../backends/nftables/inspection.ts')).inspection;
  const { inspection } = await import('../backends/iptables/inspection.ts');
  return inspection(name === 'iptables-legacy' ? 'legacy' : 'nft');
}

/** The back end that the configuration chooses on this host. */
export async function chooseBackend(policy: HostPolicy['backend'], state: HostState): Promise<BackendName> {
  if (policy === 'auto') return readChosenBackend() ?? (await askHost(state));
  return policy === 'iptables' ? iptablesHere(state) : policy;
}

function askHost(state: HostState): Promise<BackendName> {
  const ask = async () => {
    const choice = chosenByHost(state);
    if (choice instanceof Error) return inDoubt(state, choice);
    await remember(choice);
    return choice.name;
  };
  // Without a state folder, this is a command that changes nothing, and no other process asks at the same time.
  return hasState() ? Promise.resolve(singleFlight('asking', readChosenBackend, ask)) : ask();
}

/** A temporary failure decides nothing: the back end in use stays, and the next event asks again. */
async function inDoubt(state: HostState, failure: Error): Promise<BackendName> {
  const name = nameInUse(state) ?? 'nftables';
  await toSystem({
    level: 'warn',
    message: `choosing between nftables and iptables: ${messageOf(failure)}: this event uses ${name}, the next event asks again`,
  });
  return name;
}

/** The back end that the host supports, and why it is not nftables. */
interface Choice {
  readonly name: BackendName;
  readonly why?: string;
}

/** Stores the choice until the next boot, if there is a state folder. Logs any choice but nftables. */
async function remember({ name, why }: Choice): Promise<void> {
  bestEffort('recording the chosen back end', () => writeChosenBackend(name));
  if (why === undefined || readChosenBackend() !== name) return;
  const message = `using ${name} until the next boot: ${why} (backend = "auto" in [host])`;
  await toSystem({ level: 'info', message });
}

/**
 * Chooses nftables if nft is installed and the kernel accepts the base ruleset (`nft -c`); iptables if nft is missing or
 * reports that the kernel lacks support.
 *
 * @returns an Error if neither can be decided now
 */
function chosenByHost(state: HostState): Choice | Error {
  const { mark = defaultHostPolicy.mark } = state;
  const instead = (why: string, failure: Error): Choice | Error => {
    if (!hasProgram('iptables-restore')) return failure;
    const variant = iptablesVariant();
    if (variant === undefined) return new Error(`${why}, and the version of iptables cannot be read`);
    return { name: `iptables-${variant}` as const, why };
  };
  if (!hasProgram('nft')) return instead('nft is not installed', new Error('nft is not installed'));
  try {
    run(
      { program: 'nft', args: ['-c', '-f', '-'], input: renderBaseRuleset(mark) },
      'checking the base ruleset',
    );
    return { name: 'nftables' };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const reason = reasonAgainstNftables(error.failure.stderr);
    return reason === undefined ? error : instead(`nft: ${reason}`, error);
  }
}

/** The variant of this host's iptables; if it cannot be read, the variant in use. */
function iptablesHere({ backend }: HostState): BackendName {
  const variant = iptablesVariant();
  if (variant === undefined && backend !== undefined && backend !== 'nftables') return backend;
  return `iptables-${variant ?? 'legacy'}`;
}
