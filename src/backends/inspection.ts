import type { Family } from '../model/address.ts';
import type { KernelCommand } from '../model/command.ts';
import type { FamilyElement } from '../model/element.ts';
import type { Fault } from '../model/finding.ts';
import type { GuestPart, Whole } from './backend.ts';

/** Connections that met an element, counted by their first packets, and the bytes of those. */
export interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

/** Elements of nftables' sets by their keys, and what reads the counters of ours from theirs. */
export interface SomeCounters {
  readonly table: string;
  readonly keys: readonly { readonly set: string; readonly key: Buffer; readonly end?: Buffer }[];
  /** @param found in the order of the keys */
  readonly counters: (
    found: readonly (Counter | undefined)[],
  ) => (guest: GuestPart, element: FamilyElement) => Counter | undefined;
}

/** The other half of a back end's contract: what `check` and `status` ask, off the way of any hook. Pure as well. */
export interface Inspection {
  /** Lists what is ours in a family. */
  readonly list: (family: Family) => KernelCommand;
  /** Whether a listing holds anything of ours. */
  readonly holds: (listing: string, family: Family) => boolean;
  /** What is ours in a family, for messages: `table ip guestgate`. */
  readonly title: (family: Family) => string;
  /** A program's input that makes just this in an empty kernel, and the shell script that loads and lists it. */
  readonly reference: (whole: Whole, family: Family) => { readonly script: string; readonly input: string };
  /** Where the listing differs from the whole. @param reference what `reference` printed */
  readonly differences: (whole: Whole, family: Family, listing: string, reference: string) => Fault[];
  /** Reads counters from a listing; the function tells an element's, or undefined where none are counted. */
  readonly counters: (
    listing: string,
    family: Family,
  ) => (guest: GuestPart, element: FamilyElement) => Counter | undefined;
  /** The counters of these elements alone; undefined where none of them counts. */
  readonly someCounters?: (elements: readonly FamilyElement[], family: Family) => SomeCounters | undefined;
}
