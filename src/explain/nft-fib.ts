import { contains } from '../model/address.ts';
import type { Packet, Surroundings } from './packet.ts';

/** What a rule asks the routes (nft(8), "FIB EXPRESSIONS"). */
export interface FibQuestion {
  /** `oif`, `oifname` or `type`. */
  readonly result?: string;
  /** `saddr` or `daddr`, and what counts besides: `mark`, `iif`, `oif`. */
  readonly flags?: string | readonly string[];
}

/** The interface in place of a name where there is none, as nft lists it. */
export const noInterface = '0';

/** What the host's routes answer; undefined where it cannot be judged. */
export function askFib(
  { result, flags = [] }: FibQuestion,
  packet: Packet,
  surroundings: Surroundings,
): string | undefined {
  const all = new Set([flags].flat());
  const address = all.has('saddr') ? packet.source : all.has('daddr') ? packet.destination : undefined;
  // `check` and others that newer kernels may have.
  if (address === undefined || [...all].some((flag) => !known.includes(flag))) return undefined;
  const through = all.has('iif') ? packet.input : all.has('oif') ? packet.output : 'any';
  if (result === 'type') return typeOf(address, through, packet, surroundings);
  if (result !== 'oif' && result !== 'oifname') return undefined;
  if (through === undefined) return undefined;
  // What the host sends to itself is let through by the kernel before it asks (net/ipv4/netfilter/nft_fib_ipv4.c).
  if (packet.input === 'lo') return 'lo';
  const way = surroundings.interfaceTo(address, all.has('mark') ? packet.mark : 0) ?? noInterface;
  return through === 'any' || way === through ? way : noInterface;
}

const known: readonly string[] = ['saddr', 'daddr', 'mark', 'iif', 'oif'];

/** An address counts as local on the interface alone that holds it. */
function typeOf(
  address: string,
  through: string | undefined,
  packet: Packet,
  { addressType, addressTypeOn, firstAddress }: Surroundings,
): string | undefined {
  if (through === 'any') return addressType(address);
  if (through === undefined) return undefined;
  const loopback = '127.0.0.0/8';
  if (packet.family === 'ip' && contains(loopback, address)) {
    const own = firstAddress(through, 'ip');
    return through === 'lo' || (own !== undefined && contains(loopback, own)) ? 'local' : 'unicast';
  }
  const type = addressTypeOn(address, through);
  // In IPv6, the routes decide whether the rest is unicast or unreachable there.
  return packet.family === 'ip6' && type === 'unicast' ? undefined : type;
}
