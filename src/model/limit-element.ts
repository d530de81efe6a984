import type { Address } from './address.ts';
import type { PortClaim } from './claim.ts';
import type { PortRange, Protocol } from './port.ts';
import type { Rate } from './rate.ts';

/** How much what is claimed, or open, may be used: beyond it, first packets are dropped. */
export type LimitElement = RateLimitElement | ConnectionLimitElement;

export interface RateLimitElement {
  readonly kind: 'rate-limit';
  readonly at: PortClaim | OpenPorts;
  readonly rate: Rate;
}

export interface ConnectionLimitElement {
  readonly kind: 'connection-limit';
  readonly at: PortClaim | OpenPorts;
  /** Of one source address, at a time. */
  readonly connections: number;
}

/** Ports of the guest's own address. */
export interface OpenPorts {
  readonly guest: Address;
  readonly protocol: Protocol;
  readonly ports: PortRange;
}
