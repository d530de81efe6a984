import type { Backend, Labelled } from '../backends/backend.ts';
import { label } from '../backends/names.ts';
import { nftables } from '../backends/nftables/transaction.ts';
import type { KernelCommand } from '../model/command.ts';
import { type Element, elementKey } from '../model/element.ts';
import { CommandError } from '../model/problem.ts';
import { hostFamilies } from '../system/host.ts';
import { recordedVifTables } from '../system/recorded-vifs.ts';
import { type HostState, type Record, recordedFamilies } from '../system/records.ts';

/** The back end in use, on this host: the chains of a family are made from the first guest on that needs them. */
export const backend: Backend = {
  ...nftables,
  rebuild: (elements, mark) =>
    nftables.rebuild(elements, mark, recordedFamilies(), hostFamilies(), recordedVifTables()),
};

/** A guest's elements, labelled with its name. */
export function labelled({ guest, elements }: Pick<Record, 'guest' | 'elements'>): Labelled[] {
  const name = label(guest.name);
  return elements.map((element) => ({ element, label: name }));
}

export function networkLabelled(networks: HostState['networks']): Labelled[] {
  return Object.values(networks).flatMap((elements) => elements.map((element) => ({ element })));
}

/** Whether a transaction failed because the kernel holds other elements than the records say. */
export function disagrees(error: unknown): boolean {
  return (
    error instanceof CommandError &&
    /No such file or directory|File exists|does not exist/.test(error.failure.stderr)
  );
}

/**
 * What makes guests' elements in the kernel others: removes what is no longer wanted and adds all that is. What
 * is there already stays, with its counters. The run and `plan` share it.
 *
 * @param networks what all known networks need: it is added with the guests' own
 * @param hadNetworks what of it the kernel holds
 * @returns undefined if there is nothing to say to the kernel
 */
export function transactionOf(
  changes: readonly GuestChange[],
  networks: HostState['networks'],
  hadNetworks: HostState['networks'] = networks,
): KernelCommand | undefined {
  const old = elementsWithout(Object.values(hadNetworks).flat(), Object.values(networks).flat());
  const surplus = [
    ...old,
    ...changes.flatMap(({ before, after }) => elementsWithout(before?.elements ?? [], after.elements)),
  ];
  const added = changes.flatMap(({ after }) => labelled(after));
  const common = added.length > 0 || old.length > 0 ? networkLabelled(networks) : [];
  if (surplus.length === 0 && added.length === 0) return undefined;
  return backend.change(surplus, [...common, ...added]);
}

/** What a guest has in the kernel, and what it is to have. */
interface GuestChange {
  readonly before: Pick<Record, 'elements'> | undefined;
  readonly after: Pick<Record, 'guest' | 'elements'>;
}

/** Those of the elements that are not among the others. */
export function elementsWithout(elements: readonly Element[], kept: readonly Element[]): Element[] {
  if (elements.length === 0) return [];
  const keys = new Set(kept.map(elementKey));
  return elements.filter((element) => !keys.has(elementKey(element)));
}
