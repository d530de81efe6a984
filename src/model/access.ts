import type { Network } from './address.ts';
import type { PortRange, Protocol } from './port.ts';

/** From the widest on. */
export const accesses = ['open', 'inbound', 'host', 'none'] as const;

/**
 * With whom a guest may speak. `open`: as the network allows; `inbound`: it answers, and opens only what `egress` lists; `host`: it and the
 * host reach each other, and no one else; `none`: its interfaces send and receive nothing.
 */
export type Access = (typeof accesses)[number];

/** Ports to which a confined guest may open connections. */
export interface Egress {
  /** Undefined: all networks of both families. */
  readonly to?: Network;
  readonly protocol: Protocol;
  readonly ports: PortRange;
  /** As the administrator wrote it, for messages. */
  readonly text: string;
}

interface Refusal {
  readonly onError?: 'deny' | 'start';
  readonly access?: Access;
}

/** Whether a policy refuses the start of a guest for which it cannot be applied. */
export function denies({ onError, access = 'open' }: Refusal): boolean {
  return onError === undefined ? access !== 'open' : onError === 'deny';
}
