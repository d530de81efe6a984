import type { Backend, ElementChange, GuestPart, Whole } from '../backends/backend.ts';
import { hasUserChain } from '../backends/iptables/listing.ts';
import { label, names } from '../backends/names.ts';
import { joinTransactions } from '../backends/nftables/statements.ts';
import type { Family } from '../model/address.ts';
import type { KernelCommand } from '../model/command.ts';
import { isFamilyElement } from '../model/element.ts';
import { recordName } from '../model/guest.ts';
import type { NetworkElement } from '../model/network-element.ts';
import { CommandError } from '../model/problem.ts';
import { separateOverlaps } from '../planner/overlapping-networks.ts';
import type { HostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import type { GuestRecord } from '../state/records.ts';
import { hostFamilies } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { run } from '../system/run.ts';
import { changePortTables, contradictsPorts, rebuildPortTables } from './antispoof-tables.ts';
import { isChainThere } from './chain-there.ts';

/** A guest's elements as back ends take them. */
export function partOf({ guest, elements }: Pick<GuestRecord, 'guest' | 'elements'>): GuestPart {
  return { id: recordName(guest), label: label(guest.name), elements: elements.filter(isFamilyElement) };
}

/** What the kernel holds of networks: all that can be there together. */
export function elementsOfNetworks(networks: HostState['networks']): readonly NetworkElement[] {
  return separateOverlaps(Object.values(networks).flat()).kept;
}

/** Whether a transaction failed because the kernel's rules differ from the records. */
export function disagrees(error: unknown, backend: Backend): boolean {
  if (!(error instanceof CommandError)) return false;
  return backend.contradicts(error.failure.stderr) || contradictsPorts(error);
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
  changes: readonly RecordChange[],
  networks: HostState['networks'],
  hadNetworks: HostState['networks'],
  mark: number,
): readonly KernelCommand[] {
  const guests = changes.flatMap(familyChange);
  const ofNetworks = { before: elementsOfNetworks(hadNetworks), after: elementsOfNetworks(networks) };
  return joinTransactions([
    ...changePortTables(backend, changes),
    ...backend.change(guests, ofNetworks, mark),
  ]);
}

/** A change as back ends take it: none for a guest that has only ports, whose networks do not wait for one with forwards. */
function familyChange({ before, after }: RecordChange): ElementChange[] {
  const had = before?.elements ?? [];
  const { id, label: name, elements } = partOf(after);
  const change = { id, label: name, before: had.filter(isFamilyElement), after: elements };
  const isEmpty = change.before.length + change.after.length === 0;
  return isEmpty && had.length + after.elements.length > 0 ? [] : [change];
}

/** A guest's elements in the kernel before and after the transaction. */
interface RecordChange {
  readonly before: Pick<GuestRecord, 'elements'> | undefined;
  readonly after: Pick<GuestRecord, 'guest' | 'elements'>;
}

/** What the kernel is to hold of ours. */
interface RecordedWhole extends Omit<Whole, 'guests'> {
  readonly records: readonly Pick<GuestRecord, 'guest' | 'elements'>[];
}

/** What makes all of it again: the chains of a family are made from the first guest on that needs them. */
export async function rebuildSteps(
  backend: Backend,
  { records, ...host }: RecordedWhole,
): Promise<readonly KernelCommand[]> {
  const known = hostFamilies();
  const surveys = new Map(known.map((family) => [family, survey(backend, family)]));
  const whole = { ...host, guests: records.map(partOf) };
  return joinTransactions([
    ...(await rebuildPortTables(backend, records)),
    ...(await backend.rebuild(whole, recordedFamilies(), known, surveys)),
  ]);
}

/**
 * Lists a back end's rules, if the back end must know them before it removes any.
 *
 * @throws CommandError if the listing is incomplete
 */
export function survey(backend: Backend, family: Family): string | undefined {
  const text = backend.survey === undefined ? undefined : tryListing(backend.survey(family));
  if (text === undefined || backend.name !== 'iptables-nft' || hasUserChain(text)) return text;
  // iptables-nft lists nothing of a table with another program's nft rules: the administrator's chain may be there all the same.
  const isThere = isChainThere({ family, table: 'filter', chain: names.userChain });
  return isThere ? `${text}\n*filter\n:${names.userChain} - [0:0]\nCOMMIT\n` : text;
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
