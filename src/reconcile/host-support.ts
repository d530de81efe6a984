import { renderBaseRuleset } from '../backends/nftables/base-ruleset.ts';
import { reasonAgainstNftables } from '../backends/nftables/support.ts';
import type { BackendName } from '../model/backend-name.ts';
import { defaultHostPolicy } from '../model/policy.ts';
import { CommandError, messageOf } from '../model/problem.ts';
import { readChosenBackend, writeChosenBackend } from '../state/chosen-backend.ts';
import { type HostState, nameInUse } from '../state/host-state.ts';
import { bestEffort } from '../system/best-effort.ts';
import { hasProgram, iptablesVariant } from '../system/host.ts';
import { toSystem } from '../system/log-line.ts';
import { run } from '../system/run.ts';

/** The back end that this host supports; remembered until the next boot. */
export async function chooseByHost(state: HostState): Promise<BackendName> {
  const choice = chosenByHost(state);
  if (choice instanceof Error) return inDoubt(state, choice);
  await remember(choice);
  return choice.name;
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
