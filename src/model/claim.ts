import type { Address } from './address.ts';
import type { HostAddress } from './host-address.ts';
import type { PortRange, Protocol } from './port.ts';

/** What is taken of the host: ports, or a whole address. */
export type Claim = PortClaim | AddressClaim;

/** All that one guest alone can have. */
export type AnyClaim = Claim | IdentityClaim;

/** What tells a guest from others: its own address, or the interface that leads to it alone. */
export interface IdentityClaim {
  readonly identity: Address | string;
}

export interface PortClaim {
  readonly host: HostAddress;
  readonly protocol: Protocol;
  readonly ports: PortRange;
}

export interface AddressClaim {
  readonly host: Address;
}
