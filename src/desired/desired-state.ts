import type { Family } from '../model/address.ts';
import type { Element } from '../model/element.ts';
import type { Finding } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import type { InterfaceChoice } from '../model/interface-choice.ts';
import type { NetworkElement } from '../model/network-element.ts';
import type { AccessPolicy } from '../planner/plan-access.ts';
import type { GuestRecord, KnownAddresses } from '../state/records.ts';

/** The elements that a guest should have in the kernel, and what is wrong with its policy. */
export interface DesiredState extends KnownAddresses {
  readonly guest: Guest;
  /** As in the record: the hypervisor's file does not show the guest's interfaces yet. */
  readonly outdatedFile?: string;
  /** False: neither files nor XML have a policy for this guest, and its ports on the host need no rules. */
  readonly managed: boolean;
  /** The guest must not start if there is a problem. */
  readonly deny: boolean;
  readonly elements: readonly Element[];
  /** What confines its addresses: one that it keeps, although it is not known now, is confined as the policy says now. */
  readonly confinement?: AccessPolicy;
  /** Its policy is in metadata alone: it gives way to policies in files. */
  readonly weak?: true;
  /** The elements of its interfaces' networks, and of networks that have none yet, by the network's (or else the bridge's) name. */
  readonly networks: { readonly [name: string]: readonly NetworkElement[] };
  readonly problems: readonly Finding[];
  /** The interfaces that its own connections leave through, by the address that they leave with, as the host was. */
  readonly uplinks?: GuestRecord['uplinks'];
  /** The addresses of the interfaces that forwards name, as the host was. */
  readonly uplinkAddresses?: GuestRecord['uplinkAddresses'];
  /** Findings that may be intended: a reservation that the guest does not use yet. */
  readonly remarks?: readonly Finding[];
  /** Whether `elements` are known for certain; otherwise the guest keeps what it has. */
  readonly certain: boolean;
  /** Families whose address could not be found now: the guest keeps what it has in them. */
  readonly unknown: readonly Family[];
  /** The same for what its checked ports send from, by any interface. */
  readonly unknownAtPorts?: readonly Family[];
  /** The same for the interfaces that forwards choose. */
  readonly unknownOn?: readonly { readonly choice: InterfaceChoice; readonly families: readonly Family[] }[];
}
