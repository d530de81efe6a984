import type { Network } from './address.ts';
import type { ConfinedElement } from './confinement.ts';

/**
 * What may come from a guest's port on the host, which is the host's end of a guest interface. It belongs to no address
 * family, and no back end of forwards knows it.
 */
export interface AntispoofElement {
  /** `vif`, as records and `--json` have it since Xen's vifs were the only ports. */
  readonly kind: 'vif';
  /** The interface: `vif1.0`, `vif1.0-emu`. */
  readonly port: string;
  /** It is a port of the kernel's bridge, or of none: a route leads to it. */
  readonly way: 'bridged' | 'routed';
  /** The bridge that it is a port of. Undefined: unknown, and what the host routes back to that bridge is not told apart. */
  readonly bridge?: string;
  /** In lower case. With `sources`, no other may be the sender's. */
  readonly mac?: string;
  /** Merged. Undefined: from anything. Addresses of IPv6 bring the link-local one of the MAC address with them. */
  readonly sources?: readonly Network[];
  /** Nothing passes between this port and those of other guests on its bridge, nor by way of the host back to that bridge. */
  readonly isolated?: true;
  /**
   * `bridge`: nothing passes on the bridge between it and other ports, only to and from the host, and a routed port's unknown link-local
   * addresses are good for neighbour discovery alone; `all`: nothing passes.
   */
  readonly closed?: 'bridge' | 'all';
  /** iptables' FORWARD gets no accepts for it: what is not its guest's own is dropped, the rest passes as the host's rules say. */
  readonly unaccepted?: true;
  /** Its accepts are behind all other rules of iptables' FORWARD, not ahead of them. */
  readonly bottom?: true;
}

export function isAntispoof(element: { readonly kind: string }): element is AntispoofElement {
  return element.kind === 'vif';
}

/** What lives in the tables that check ports. */
export type PortTableElement = AntispoofElement | ConfinedElement;

export function isInPortTables(element: { readonly kind: string }): element is PortTableElement {
  return element.kind === 'vif' || element.kind === 'confined';
}

/** Whether iptables' FORWARD accepts what a bridged port sends and gets, while it sees that. */
export function isAccepted({ way, unaccepted }: AntispoofElement): boolean {
  return way === 'bridged' && unaccepted !== true;
}

/** The families of the tables that check ports, beside those of addresses: see `antispoofTablesOf()`. */
export const antispoofTables = ['bridge', 'inet'] as const;
export type AntispoofTable = (typeof antispoofTables)[number];

/**
 * Routed ports and addresses belong to no bridge: they are checked where the host handles packets, whatever their family. What a
 * bridged port sends to the host passes both: the host may route it back to the bridge.
 */
export function antispoofTablesOf(element: PortTableElement): readonly AntispoofTable[] {
  if (element.kind === 'confined' || element.way === 'routed') return ['inet'];
  return element.bridge === undefined ? ['bridge'] : antispoofTables;
}
