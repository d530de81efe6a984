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

/** The port of the interface that is emulated for an HVM guest (libxl names it so). */
export function emulatedPort(tap: string): string {
  return `${tap}-emu`;
}
