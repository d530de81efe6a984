import type { Packet, Surroundings } from './packet.ts';

/** Where the kernel sends a packet. */
export type Route =
  | { readonly kind: 'local' }
  | { readonly kind: 'out'; readonly interface: string }
  /** There is none, or `rp_filter` does not let a packet with this source come by this interface. */
  | { readonly kind: 'none' };

/** What decides besides rules: facts about the host. */
export interface Host extends Surroundings {
  readonly route: (packet: Packet) => Route;
  /** Whether the host passes packets on. */
  readonly forwards: boolean;
}
