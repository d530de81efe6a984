import type { Address, Network } from './address.ts';
import type { PortRange, Protocol } from './port.ts';

/** Ports of one protocol. */
export interface ProtocolPorts {
  readonly protocol: Protocol;
  readonly ports: PortRange;
}

/** Ports to which a guest may open connections. */
export interface EgressPorts extends ProtocolPorts {
  readonly to: Network;
}

/**
 * What one address of a guest may do beyond its bridge. `inbound`: what is forwarded, or opened, comes in, and the guest opens
 * connections to `egress` and to the host's DHCP and DNS alone; `host`: the host alone reaches it, and it the host alone.
 */
export interface ConfinedElement {
  readonly kind: 'confined';
  readonly guest: Address;
  readonly access: 'inbound' | 'host';
  /** Disjoint, of the address's family. */
  readonly egress?: readonly EgressPorts[];
  /** Disjoint: the guest's own ports that may be reached without translation. */
  readonly opened?: readonly ProtocolPorts[];
}
