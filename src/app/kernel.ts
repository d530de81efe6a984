import type { Labelled } from '../backends/backend.ts';
import { label } from '../backends/names.ts';
import { nftables } from '../backends/nftables/transaction.ts';
import { CommandError } from '../model/problem.ts';
import type { HostState, Record } from '../system/records.ts';

/** The back end in use. */
export const backend = nftables;

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
