import type { Address } from './address.ts';
import type { Vif } from './vif.ts';

/** libvirt's drivers that call hooks with a domain's XML; `libxl` stands for all of Xen's guests, those of `xl` too. */
export const guestDrivers = ['qemu', 'lxc', 'libxl'] as const;
export type GuestDriver = (typeof guestDrivers)[number];

/** A network card of a guest, as far as the hypervisor's description tells. */
export interface Nic {
  /** In lower case, `52:54:00:aa:bb:01`. */
  readonly mac?: string;
  /** libvirt's network (`<source network=>`). */
  readonly network?: string;
  /** The bridge on the host that the card's tap is a port of. */
  readonly bridge?: string;
  /** The host's end (`vnet3`); known from `start` on, gone at `stopped`. */
  readonly tap?: string;
  /** Addresses that the description itself gives (`<ip address=>`, nwfilter's `IP`). */
  readonly addresses: readonly Address[];
  /** Of Xen's guests, where their vif script tells us of it. */
  readonly vif?: Vif;
}

export interface Guest {
  readonly driver: GuestDriver;
  /** Whatever the administrator called it: any characters but newline and `/`. Never handed to a parser raw. */
  readonly name: string;
  readonly uuid?: string;
  readonly nics: readonly Nic[];
}

/** Who a guest is for guestgate: names are unique within a driver. */
export interface GuestId {
  readonly driver: GuestDriver;
  readonly name: string;
}

export function isGuestDriver(text: string): text is GuestDriver {
  return (guestDrivers as readonly string[]).includes(text);
}
