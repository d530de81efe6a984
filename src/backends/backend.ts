import type { Element } from '../model/element.ts';

/** A program to run as root: all that a back end has to say to the kernel. Never through a shell. */
export interface KernelCommand {
  readonly program: string;
  /** Other names of the program, tried in turn where it is not installed. */
  readonly alternatives?: readonly string[];
  readonly args: readonly string[];
  readonly input?: string;
}

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
  /** One transaction that leaves our chains with exactly these elements, whatever there was. */
  readonly rebuild: (elements: readonly Labelled[], mark: number) => KernelCommand;
  /** Removes all that is ours. */
  readonly remove: () => KernelCommand;
}
