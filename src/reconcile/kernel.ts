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

/** What a guest has in the kernel, as back ends are told. */
export function partOf({ guest, elements }: Pick<GuestRecord, 'guest' | 'elements'>): GuestPart {
  return { id: recordName(guest), label: label(guest.name), elements };
}

export function elementsOfNetworks(networks: HostState['networks']): NetworkElement[] {
  return Object.values(networks).flat();
}

/** Whether a transaction failed because the kernel holds other elements than the records say. */
export function disagrees(error: unknown, backend: Backend): boolean {
  if (!(error instanceof CommandError)) return false;
  const { stderr } = error.failure;
  return backend.contradicts(stderr) || (needsPortTables(backend) && nftables.contradicts(stderr));
}

/**
 * What makes guests' elements in the kernel others: removes what is no longer wanted and adds all that is. What
 * is there already stays, with its counters. The run and `plan` share it.
 *
 * @param networks what all known networks need: it is added with the guests' own
 * @param hadNetworks what of it the kernel holds
 * @returns the commands, in their order; none if there is nothing to say to the kernel
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
 * What Xen's guests may send is looked at in tables of nftables, whichever back end does the rest, where there is nft.
 * Where there is none, iptables sees what is bridged while `bridge-nf-call-iptables` says so: see `port-rules.ts`.
 */
function needsPortTables({ name }: Backend): boolean {
  return name !== 'nftables' && recordedVifTables().length > 0 && hasProgram('nft');
}

/** What a guest has in the kernel, and what it is to have. */
interface GuestChange {
  readonly before: Pick<GuestRecord, 'elements'> | undefined;
  readonly after: Pick<GuestRecord, 'guest' | 'elements'>;
}

/** What makes all of it anew: the chains of a family are made from the first guest on that needs them. */
export function rebuildSteps(backend: Backend, whole: Whole): readonly KernelCommand[] {
  const known = hostFamilies();
  const surveys = new Map(known.map((family) => [family, survey(backend, family)]));
  const all = { ...whole, ports: recordedVifTables() };
  const steps = backend.rebuild(all, recordedFamilies(), known, surveys);
  return needsPortTables(backend) ? [...rebuildPorts(all), ...steps] : steps;
}

/** What there is of a back end's, where it has to look before it removes anything. @throws CommandError if the listing is not whole */
export function survey(backend: Backend, family: Family): string | undefined {
  return backend.survey === undefined ? undefined : tryListing(backend.survey(family));
}

/**
 * Runs commands up to the first that fails.
 *
 * @returns why it failed, and whether the kernel is as before: each command does all of its work or none, unless it is
 * ended while it is at work; undefined where all went well
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

/** @throws CommandError of the first that fails */
export function runSteps(steps: readonly KernelCommand[], doing: string): void {
  for (const step of steps) {
    try {
      run(step, doing);
    } catch (error) {
      throw withAdvice(error, step);
    }
  }
}

/** Where a back end's program is missing, there may be another. */
export function withAdvice(error: unknown, { program }: KernelCommand): unknown {
  if (!(error instanceof CommandError) || error.failure.notInstalled !== true) return error;
  const [own, other] =
    program === 'nft' ? (['nftables', 'iptables'] as const) : (['iptables', 'nftables'] as const);
  const advice = `install the package ${own}, or set backend = "${other}" in [host]`;
  return new CommandError({ ...error.failure, advice }, error.cause);
}
