/*
 * How a rule of another program uses marks, as far as guestgate's bit is concerned. A use with a mask that leaves the bit
 * out concerns nothing of guestgate's, and is none.
 */

export type MarkUse =
  /** Compares the connection's mark: while our bit is set, another value fails. */
  | 'compares-connection'
  /** Compares the packet's mark, which has our bit only if a rule copies it there. */
  | 'compares-packet'
  /** Writes the connection's mark without our bit. */
  | 'clears'
  /** Copies our bit into the packet's mark. */
  | 'copies';

/** A rule that uses our bit without a mask. */
export interface MarkUser {
  readonly use: MarkUse;
  /** As its program lists it: `iptables mangle: -A PREROUTING -j CONNMARK --save-mark`. */
  readonly rule: string;
  /** Its chain, `iptables mangle PREROUTING`: a copy in the same chain precedes guestgate's own chains. */
  readonly chain?: string;
  /** It runs where guestgate's nftables chains do not put the bit back in time, or do not take it out of packets. */
  readonly unrepaired: boolean;
}

/** Whether a mask or a value has our bit. Operators of JavaScript make 32 bits with a sign of numbers. */
export function has(value: number, bit: number): boolean {
  return (value & bit) !== 0;
}
