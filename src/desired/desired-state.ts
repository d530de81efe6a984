import type { Family } from '../model/address.ts';
import type { Element, NetworkElement } from '../model/element.ts';
import type { Guest } from '../model/guest.ts';
import type { InterfaceChoice } from '../model/interface-choice.ts';
import type { KnownAddresses } from '../state/records.ts';

/** What should be in the kernel for a guest, and what stands in the way. */
export interface DesiredState extends KnownAddresses {
  readonly guest: Guest;
  /** As in the record: the hypervisor's file does not show yet which interfaces the guest has. */
  readonly outdatedFile?: string;
  /** Whether the files or its XML have a policy for the guest, or its ports have rules. */
  readonly managed: boolean;
  /** The guest may not start if there is a problem. */
  readonly deny: boolean;
  readonly elements: readonly Element[];
  /** What the networks of its interfaces, and those not known yet, need, by the network's (or else the bridge's) name. */
  readonly networks: { readonly [name: string]: readonly NetworkElement[] };
  readonly problems: readonly string[];
  /** Whether `elements` is all that can be said; otherwise what runs is left as it is. */
  readonly certain: boolean;
  /** Families whose address could not be found now: what runs of them is left as it is. */
  readonly unknown: readonly Family[];
  /** The same of the interfaces that forwards choose. */
  readonly unknownOn?: readonly { readonly choice: InterfaceChoice; readonly families: readonly Family[] }[];
}
