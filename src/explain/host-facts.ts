import type { Packet, Surroundings } from './packet.ts';

/**
 * Why the kernel does not route a packet. `forwarding`: it passes nothing on that arrives by this interface; `rp-filter`:
 * it does not take this source by this interface (ip-sysctl.rst, rp_filter); `no-route`: no route, or one that refuses.
 */
export type NoRoute = 'forwarding' | 'rp-filter' | 'no-route';

/** Where the kernel sends a packet. */
export type Route =
  | { readonly kind: 'local' }
  | { readonly kind: 'out'; readonly interface: string }
  | {
      readonly kind: 'none';
      readonly why: NoRoute;
      /** The interface that the packet would leave by if its source, or its arrival, were another. */
      readonly otherwise?: string;
    };

/** What decides besides rules: facts about the host. */
export interface Host extends Surroundings {
  readonly route: (packet: Packet) => Route;
}

/** The kernel's settings that routing looks at. */
export interface RoutingSettings {
  /** Whether the kernel passes on what arrives by an interface. */
  readonly forwards: (input: string) => boolean;
  /** Whether the kernel checks the source of what arrives by an interface. */
  readonly checksSources: (input: string) => boolean;
}
