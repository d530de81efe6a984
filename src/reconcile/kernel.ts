import type { Backend, GuestPart, Whole } from '../backends/backend.ts';
import { label } from '../backends/names.ts';
import { changePorts, nftables, rebuildPorts } from '../backends/nftables/transaction.ts';
import type { Family } from '../model/address.ts';
import type { KernelCommand } from '../model/command.ts';
import type { NetworkElement } from '../model/element.ts';
import { recordName } from '../model/guest.ts';
import { CommandError } from '../model/problem.ts';
import type { HostState } from '../state/host-state.ts';
import { recordedVifTables } from '../state/port-tables.ts';
import { type GuestRecord, recordedFamilies } from '../state/records.ts';
import { hasProgram, hostFamilies } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { run } from '../system/run.ts';

/** A guest's elements as back ends take them. */
export function partOf({ guest, elements }: Pick<GuestRecord, 'guest' | 'elements'>): GuestPart {
  return { id: recordName(guest), label: label(guest.name), elements };
}

export function elementsOfNetworks(networks: HostState['networks']): NetworkElement[] {
  return Object.values(networks).flat();
}

/** Whether a transaction failed because the kernel's rules differ from the records. */
export function disagrees(error: unknown, backend: Backend): boolean {
  if (!(error instanceof CommandError)) return false;
  const { stderr } = error.failure;
  return backend.contradicts(stderr) || (needsPortTables(backend) && nftables.contradicts(stderr));
}

/**
 * Renders a transaction for guests and networks: it removes elements that are no longer wanted, adds new ones, and keeps
 * the others with their counters. `plan` prints the same commands.
 *
 * @param networks the elements that all recorded networks should have
 * @param hadNetworks the elements of networks that the kernel holds
 * @returns the commands in order; empty if nothing changes
 */
export function stepsOf(
  backend: Backend,
  changes: readonly GuestChange[],
  networks: HostState['networks'],
  hadNetworks: HostState['networks'],
  mark: number,
): readonly KernelCommand[] {
  const guests = changes.map(({ before, after }) => {
    const { id, label: name, elements } = partOf(after);
    return { id, label: name, before: before?.elements ?? [], after: elements };
  });
  const ofNetworks = { before: elementsOfNetworks(hadNetworks), after: elementsOfNetworks(networks) };
  const steps = backend.change(guests, ofNetworks, mark);
  return needsPortTables(backend) ? [...changePorts(guests), ...steps] : steps;
}

/**
 * nftables tables check what Xen guests send, whichever back end is in use, if nft is installed. Without nft, iptables
 * checks bridged frames while `bridge-nf-call-iptables` is 1: see `port-rules.ts`.
 */
function needsPortTables({ name }: Backend): boolean {
  return name !== 'nftables' && recordedVifTables().length > 0 && hasProgram('nft');
}

/** A guest's elements in the kernel before and after the transaction. */
interface GuestChange {
  readonly before: Pick<GuestRecord, 'elements'> | undefined;
  readonly after: Pick<GuestRecord, 'guest' | 'elements'>;
}

/** Renders a rebuild of all rules. A family gets chains only if a guest has needed them since boot. */
export function rebuildSteps(backend: Backend, whole: Whole): readonly KernelCommand[] {
  const known = hostFamilies();
  const surveys = new Map(known.map((family) => [family, survey(backend, family)]));
  const all = { ...whole, ports: recordedVifTables() };
  const steps = backend.rebuild(all, recordedFamilies(), known, surveys);
  return needsPortTables(backend) ? [...rebuildPorts(all), ...steps] : steps;
}

/**
 * Lists a back end's rules, if the back end must know them before it removes any.
 *
 * @throws CommandError if the listing is incomplete
 */
export function survey(backend: Backend, family: Family): string | undefined {
  return backend.survey === undefined ? undefined : tryListing(backend.survey(family));
}

/**
 * Runs commands until one fails.
 *
 * @returns undefined on success; otherwise the error, and whether the kernel's rules are unchanged. Each command applies
 * all of its changes or none, unless it is killed
 */
export function runStepsTelling(
  steps: readonly KernelCommand[],
  doing: string,
): { readonly error: unknown; readonly untouched: boolean } | undefined {
  for (const [index, step] of steps.entries()) {
    try {
      run(step, doing);
    } catch (error) {
      const refused = error instanceof CommandError && error.failure.exitCode !== undefined;
      const changed = steps.slice(0, index).some(({ args }) => !args.includes('--test'));
      return { error: withAdvice(error, step), untouched: refused && !changed };
    }
  }
  return undefined;
}

/** @throws CommandError of the first command that fails */
export function runSteps(steps: readonly KernelCommand[], doing: string): void {
  for (const step of steps) {
    try {
      run(step, doing);
    } catch (error) {
      throw withAdvice(error, step);
    }
  }
}

/** Adds the fix to the error if a back end's program is not installed. */
export function withAdvice(error: unknown, { program }: KernelCommand): unknown {
  if (!(error instanceof CommandError) || error.failure.notInstalled !== true) return error;
  const [name, other] =
    program === 'nft' ? (['nftables', 'iptables'] as const) : (['iptables', 'nftables'] as const);
  const advice = `install the package ${name}, or set backend = "${other}" in [host]`;
  return new CommandError({ ...error.failure, advice }, error.cause);
}
