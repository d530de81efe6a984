import type { Protocol } from './policy.ts';

/* The first packet of a connection, as it arrives at the host. */

export interface Packet {
  readonly protocol: Protocol;
  /** `local`: the host itself. */
  readonly source: string;
  readonly address: string;
  readonly port: number;
}

/** The guest's address and port that it is translated to; dropped; or left to the host, untranslated. */
export type Way = string;
export const dropped = 'dropped';
export const untouched = 'untouched';

/** What a reader of the kernel's rules can say. */
export interface Kernel {
  /** Where a connection to an address of the host leads. */
  translate(packet: Packet): Way;
  /** Whether a connection to a guest's own address is admitted: `open`, dropped, or untouched. */
  admit(packet: Packet): Way;
  /** The address that a guest's connections leave with. */
  leave(guest: string): string | undefined;
  /** The addresses at which packets are dropped while their guest is absent. */
  readonly absent: readonly string[];
}

/** An IPv4 address, or network, as the numbers that it spans. */
export function span(network: string): readonly [number, number] {
  const [address = '', length = '32'] = network.split('/');
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(number / size) * size;
  return [first, first + size - 1];
}

export function contains(network: string, address: string): boolean {
  const [first, last] = span(network);
  const [number] = span(address);
  return number >= first && number <= last;
}
