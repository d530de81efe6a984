import type { Network } from './address.ts';

/** What Xen tells the vif script of an interface. */
export interface Vif {
  /** Its host's end is a port of the kernel's bridge, of none (a route leads to it), or of Open vSwitch. */
  readonly way: 'bridged' | 'routed' | 'switched';
  /** Whether there is a second port, `TAP-emu`: that of the interface which an HVM guest sees until its driver runs. */
  readonly emulated: boolean;
  /** What the guest may send from (`ip=` of xl-network-configuration(5)), merged. Undefined: from anything. */
  readonly sources?: readonly Network[];
  /** Entries of `ip=` that are neither address nor network. */
  readonly strange?: readonly string[];
}

/** A guest's port on the host, and what may come from it. */
export interface VifElement {
  readonly kind: 'vif';
  /** The interface: `vif1.0`, `vif1.0-emu`. */
  readonly port: string;
  readonly way: 'bridged' | 'routed';
  /** In lower case. With `sources`, nothing else may be the sender's. */
  readonly mac?: string;
  /** Merged. Undefined: from anything. Addresses of IPv6 bring the link-local one of the MAC address with them. */
  readonly sources?: readonly Network[];
  /** Nothing passes on the bridge between this port and those of other guests. */
  readonly isolated?: true;
  /** Its accepts are the last rules of iptables' FORWARD, not the first. */
  readonly bottom?: true;
}

export function isVif(element: { readonly kind: string }): element is VifElement {
  return element.kind === 'vif';
}

/** The families of the tables with the rules of ports, beside those of addresses: see `vifTableOf()`. */
export const vifTables = ['bridge', 'inet'] as const;
export type VifTable = (typeof vifTables)[number];

/** Routed ports belong to no bridge: their rules see packets of both families where these arrive. */
export function vifTableOf({ way }: VifElement): VifTable {
  return way === 'bridged' ? 'bridge' : 'inet';
}

/** The port of the interface that is emulated for an HVM guest (libxl names it so). */
export function emulatedPort(tap: string): string {
  return `${tap}-emu`;
}
