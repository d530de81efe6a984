import type { Address } from './address.ts';

/** One direction of a connection, as its packets carry it. */
export interface Direction {
  readonly source: Address;
  readonly destination: Address;
  /** Undefined for protocols without ports. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** A connection that the kernel tracks (conntrack). */
export interface Flow {
  /** IP's number of its protocol: 6 is tcp, 17 udp, 132 sctp. */
  readonly protocol: number;
  /** As it was opened: the destination is what was asked for, before any translation. */
  readonly original: Direction;
  /** As answers come: the source is whom it was translated to. */
  readonly reply: Direction;
  /** Whether packets of both directions have established it (IPS_ASSURED). */
  readonly assured: boolean;
  /** Whether a packet of the other direction has been seen (IPS_SEEN_REPLY). */
  readonly answered: boolean;
  /** Its `ct mark`. */
  readonly mark: number;
  /** Of both directions; undefined where the kernel does not count them (`nf_conntrack_acct`). */
  readonly bytes?: number;
}
