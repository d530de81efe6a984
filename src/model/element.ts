import { type Address, type Family, families, familyOf, type Network } from './address.ts';
import { type AntispoofElement, isInPortTables, type PortTableElement } from './antispoof.ts';
import type { Claim } from './claim.ts';
import type { ConfinedElement } from './confinement.ts';
import { familyOfHost, type HostAddress } from './host-address.ts';
import type { LimitElement } from './limit-element.ts';
import type { NetworkElement } from './network-element.ts';
import type { PortRange, Protocol } from './port.ts';

/**
 * What a guest's policy becomes: the unit that is added to and removed from the kernel. Plain data and
 * no names: each back end renders it in its own words.
 */
export type Element = GuestElement | NetworkElement;

export type GuestElement =
  | ForwardElement
  | OneToOneElement
  | SourceNatElement
  | SourceFilterElement
  | OpenElement
  | OpenSourceFilterElement
  | LimitElement
  | MasqueradeElement
  | InsideElement
  | RoamingElement
  | DeniedElement
  | ConfinedElement
  | AntispoofElement;

/** What back ends make rules of: all but what a guest's ports may send and reach, which has a back end of its own. */
export type FamilyElement = Exclude<Element, PortTableElement>;

/** host:ports/protocol -> guest:to, port by port. */
export interface ForwardElement {
  readonly kind: 'forward';
  readonly host: HostAddress;
  readonly protocol: Protocol;
  readonly ports: PortRange;
  readonly guest: Address;
  readonly to: number;
}

/** All that arrives at `host` goes to `guest`. */
export interface OneToOneElement {
  readonly kind: 'one-to-one';
  readonly host: Address;
  readonly guest: Address;
}

/**
 * New connections of `guest` that leave through `interface` do so with `address`, and are admitted. `shared`: the host or
 * other guests may use the address, too, so their ports are left alone (`sharedPorts`). `exclusive`: no other guest may have
 * the address, as metadata asks for it.
 */
export interface SourceNatElement {
  readonly kind: 'source-nat';
  readonly guest: Address;
  readonly interface: string;
  readonly address: Address;
  readonly shared?: true;
  readonly exclusive?: true;
}

/** Only `from` may use what is claimed here; the first packet of any other source is dropped. */
export interface SourceFilterElement {
  readonly kind: 'source-filter';
  readonly claim: Claim;
  /** Merged: no network lies inside another. */
  readonly from: readonly Network[];
}

/** New connections to these ports of the guest's own address are admitted, as they are. */
export interface OpenElement {
  readonly kind: 'open';
  readonly guest: Address;
  readonly protocol: Protocol;
  readonly ports: PortRange;
}

/** Only `from` may connect to these ports of the guest's own address through the host. */
export interface OpenSourceFilterElement {
  readonly kind: 'open-source-filter';
  readonly guest: Address;
  readonly protocol: Protocol;
  readonly ports: PortRange;
  /** As in a source filter. */
  readonly from: readonly Network[];
}

/** Packets that these sources send to the guest through the host are dropped, but for answers to the guest's own connections. */
export interface DeniedElement {
  readonly kind: 'denied';
  readonly guest: Address;
  /** Merged: no network lies inside another. */
  readonly from: readonly Network[];
}

/** The guest sees the host's address as the source of connections to what is claimed. */
export interface MasqueradeElement {
  readonly kind: 'masquerade';
  readonly claim: Claim;
  readonly guest: Address;
}

/** This interface leads to the guest alone: what comes from it does not come from outside, and may go back to it. */
export interface InsideElement {
  readonly kind: 'inside';
  readonly interface: string;
  readonly family?: 'ip6';
}

/** The guest has several interfaces: its answers from this address may come by any of them. */
export interface RoamingElement {
  readonly kind: 'roaming';
  readonly guest: Address;
}

/**
 * The source ports with which connections leave from a shared address. With any other one, a guest could occupy a port of the
 * host, or another guest's forward, towards a peer: it would get that peer's packets (CVE-2021-3773). The default range
 * of `net.ipv4.ip_local_port_range`, where no service is expected.
 */
export const sharedPorts = { first: 32768, last: 60999 } as const;

export function isFamilyElement(element: Element): element is FamilyElement {
  return !isInPortTables(element);
}

/** The same text for the same element: the planner writes the keys of a kind always in the same order. */
export const elementKey = (element: Element): string => JSON.stringify(element);

/** Elements of a family live in a table of its own. */
export function familyOfElement(element: Element): Family {
  switch (element.kind) {
    case 'source-filter':
    case 'masquerade':
      return familyOfHost(element.claim.host);
    case 'rate-limit':
    case 'connection-limit':
      return 'host' in element.at ? familyOfHost(element.at.host) : familyOf(element.at.guest);
    case 'hairpin':
    case 'inside':
    case 'restricted':
    case 'outside':
    case 'service':
      return element.family ?? 'ip';
    case 'routed':
    case 'network-masquerade':
      return familyOf(element.network);
    case 'gateway':
    case 'network-nat':
    case 'absent':
      return familyOf(element.address);
    case 'vif':
      // Of both, or of none: it lives in tables of its own.
      return 'ip';
    default:
      return familyOf(element.guest);
  }
}

/** The families that elements are of; IPv4 in any case. */
export function familiesOf(elements: readonly Element[]): Family[] {
  const withIp6 = elements.some((element) => familyOfElement(element) === 'ip6');
  return withIp6 ? ['ip', 'ip6'] : ['ip'];
}

/** The families that elements are of. */
export function familiesIn(elements: readonly Element[]): Family[] {
  const own = new Set(elements.filter(isFamilyElement).map(familyOfElement));
  return families.filter((family) => own.has(family));
}
