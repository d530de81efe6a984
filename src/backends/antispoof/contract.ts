import type { Family } from '../../model/address.ts';
import type { AntispoofElement, AntispoofTable, PortTableElement } from '../../model/antispoof.ts';
import type { ChainName, ListedRule } from '../../model/chain.ts';
import type { KernelCommand } from '../../model/command.ts';
import type { Fault } from '../../model/finding.ts';
import type { IptablesOnHost } from '../head-rules.ts';

/** What a guest's ports may send. */
export interface AntispoofPart {
  /** The guest's name as comments show it, encoded. */
  readonly label: string;
  readonly ports: readonly PortTableElement[];
}

/** What a guest's ports may send, and what they are to. */
export interface AntispoofChange extends Pick<AntispoofPart, 'label'> {
  readonly before: readonly PortTableElement[];
  readonly after: readonly PortTableElement[];
}

/**
 * The contract of the back end that checks what guests send: from their own MAC addresses and addresses, port by port. There
 * is one of it, in tables of nftables, beside whichever back end makes the other rules. Every function is pure. It does not
 * know which hypervisor a port belongs to.
 */
export interface Antispoof {
  /** Makes what guests' ports may send another. Fails if the kernel holds something else than `before`. No commands: nothing changes. */
  readonly change: (guests: readonly AntispoofChange[]) => readonly KernelCommand[];
  /**
   * Leaves our tables with exactly this.
   *
   * @param used the tables that are made, whether or not a port needs them
   */
  readonly rebuild: (
    guests: readonly AntispoofPart[],
    used: readonly AntispoofTable[],
  ) => Promise<readonly KernelCommand[]>;
  /** Removes a table, whether or not it is there. */
  readonly remove: (table: AntispoofTable) => KernelCommand;
  /** The chain of a table by which it is known. */
  readonly chainOf: (table: AntispoofTable) => ChainName;
  /** Whether a failed `change` says that the kernel holds something else. */
  readonly contradicts: (stderr: string) => boolean;
  /** Where iptables has to accept what is bridged, on this host in one family. */
  readonly places: (host: IptablesOnHost, family: Family) => readonly AntispoofPlace[];
}

/** How our chain of accepts is placed in a FORWARD. */
export interface PlaceState {
  /** Whether there is such a chain, and it could reject anything. */
  readonly needed: boolean;
  /** How many jumps to our chain there are. */
  readonly jumps: number;
  readonly inPlace: 'top' | 'bottom' | 'both' | 'no';
  /** How many rules of others belong above it at the top: up to the jump to our other chain, if there is one. */
  readonly behind: number;
}

/** One variant of iptables, in one family. */
export interface AntispoofPlace {
  readonly name: string;
  readonly family: Family;
  /** Undefined: only by `list`. */
  readonly native?: { readonly family: Family; readonly table: string; readonly chain: string };
  readonly judgeRules: (rules: readonly ListedRule[] | undefined) => PlaceState;
  /** The filter table's rules as iptables-save writes them. */
  readonly list: KernelCommand;
  readonly judge: (listing: string | undefined) => PlaceState;
  /** Whether the jump to the accepts of these ports is where it belongs. */
  readonly isInPlace: (state: PlaceState, ports: readonly AntispoofElement[]) => boolean;
  readonly assert: (state: PlaceState, ports: readonly AntispoofElement[]) => KernelCommand;
  readonly remove: (state: PlaceState) => KernelCommand;
}

/** The other half of the contract: what `check` asks. Pure as well. */
export interface AntispoofInspection {
  readonly list: (table: AntispoofTable) => KernelCommand;
  /** What a table is called in messages: `table bridge guestgate`. */
  readonly title: (table: AntispoofTable) => string;
  /** A shell script, and its input, that make the table without any port in an empty kernel, and list it. */
  readonly reference: (table: AntispoofTable) => { readonly script: string; readonly input: string };
  /** Where the listing of a table differs from what the ports need. @param reference what `reference` printed */
  readonly differences: (
    ports: readonly PortTableElement[],
    table: AntispoofTable,
    listing: string,
    reference: string,
  ) => Fault[];
  /** Whether the accepts of a family are those of these ports. @param listing what `list` of a place printed */
  readonly hasAccepts: (ports: readonly AntispoofElement[], family: Family, listing: string) => boolean;
}
