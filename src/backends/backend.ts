import type { Family } from '../model/address.ts';
import type { KernelCommand } from '../model/command.ts';
import type { Element } from '../model/element.ts';
import type { VifTable } from '../model/vif.ts';

/** An element and whose it is: the label is already encoded. */
export interface Labelled {
  readonly element: Element;
  readonly label?: string;
}

/**
 * The contract of a back end: elements in, text for the kernel out. Every function is pure; what `plan`
 * prints is what `run` would do.
 */
export interface Backend {
  readonly name: 'nftables' | 'iptables';
  /** One transaction: all of it happens, or nothing. Fails if a removed element is not there. */
  readonly change: (remove: readonly Element[], add: readonly Labelled[]) => KernelCommand;
  /**
   * One transaction that leaves our chains with exactly these elements, whatever there was. What IPv6 needs is made
   * only if there is an element of it.
   *
   * @param used the families whose chains are made: those of the elements in any case
   * @param known those that the host has
   * @param vifs the tables of Xen's ports that are there; those of the elements are made in any case
   */
  readonly rebuild: (
    elements: readonly Labelled[],
    mark: number,
    used?: readonly Family[],
    known?: readonly Family[],
    vifs?: readonly VifTable[],
  ) => KernelCommand;
  /** Lists one of our chains of a family, and tells from the listing whether our rules are there. */
  readonly probe: (family: Family) => KernelCommand;
  readonly stands: (listing: string) => boolean;
  /** Removes all that is ours in a family. */
  readonly remove: (family: Family | VifTable) => KernelCommand;
}
