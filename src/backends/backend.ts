import type { Family } from '../model/address.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { KernelCommand } from '../model/command.ts';
import type { FamilyElement } from '../model/element.ts';
import type { NetworkElement } from '../model/network-element.ts';
import type { HeadRulePlace, IptablesOnHost } from './head-rules.ts';

/** An element and its owner; the label is already encoded. */
export interface Labelled {
  readonly element: FamilyElement;
  readonly label?: string;
}

/** What a guest has in the kernel. */
export interface GuestPart {
  /** The name of its record: unique, and the same as long as it runs. */
  readonly id: string;
  /** Its name as comments show it, encoded. */
  readonly label: string;
  readonly elements: readonly FamilyElement[];
}

/** What a guest has in the kernel, and what it is to have. */
export interface ElementChange extends Pick<GuestPart, 'id' | 'label'> {
  readonly before: readonly FamilyElement[];
  readonly after: readonly FamilyElement[];
}

/** The same of all networks together. */
export interface NetworkChange {
  readonly before: readonly NetworkElement[];
  readonly after: readonly NetworkElement[];
}

/** All that is ours in the kernel. */
export interface Whole {
  readonly guests: readonly GuestPart[];
  readonly networks: readonly NetworkElement[];
  /** The bit of `ct mark`. */
  readonly mark: number;
}

/** What a back end's own listing of a family printed; undefined: not asked, or it failed. */
export type Surveys = ReadonlyMap<Family, string | undefined>;

/**
 * The contract of a back end: elements in, text for the kernel out. Every function is pure; what `plan`
 * prints is what would be run. guestgate runs the commands in order up to the first that fails. At
 * no point between two commands is anything open that was closed before and will be closed after. What guests' ports
 * may send has a contract of its own (`antispoof/contract.ts`).
 */
export interface Backend {
  readonly name: BackendName;
  /**
   * Changes what guests and networks have. What stays keeps its counters. Fails if the kernel does not hold what
   * `before` says. No commands: nothing changes in the kernel.
   */
  readonly change: (
    guests: readonly ElementChange[],
    networks: NetworkChange,
    mark: number,
  ) => readonly KernelCommand[];
  /** Lists what `rebuild` and `remove` need to know, in a family; undefined: nothing. */
  readonly survey?: (family: Family) => KernelCommand;
  /**
   * Replaces our chains with exactly this. What stays is not closed for a moment. What
   * IPv6 needs is made only if there is an element of it.
   *
   * @param used the families whose chains are made: those of the elements in any case
   * @param known those that the host has
   */
  readonly rebuild: (
    whole: Whole,
    used: readonly Family[],
    known: readonly Family[],
    surveys: Surveys,
  ) => Promise<readonly KernelCommand[]>;
  /** Lists our chains of a family; `isComplete` reads what that printed (undefined: it failed). */
  readonly probe: (family: Family, whole: Pick<Whole, 'networks' | 'mark'>) => KernelCommand;
  readonly isComplete: (printed: string | undefined) => boolean;
  /** Removes all that is ours in a family. @param keep the tables in which another back end has head rules, which stay */
  readonly remove: (
    family: Family,
    survey: string | undefined,
    keep: readonly ('filter' | 'nat')[],
  ) => readonly KernelCommand[];
  /** Whether a failed `change` shows that the kernel differs from the records. */
  readonly contradicts: (stderr: string) => boolean;
  /** The places in foreign chains where our rule must be first. */
  readonly places: (host: IptablesOnHost, family: Family) => readonly HeadRulePlace[];
  /** Why this back end cannot do what an element asks for; undefined: it can. */
  readonly lacks: (element: FamilyElement) => string | undefined;
}
