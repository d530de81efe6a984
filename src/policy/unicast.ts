import { type Address, contains, familyOf, parseAddress } from '../model/address.ts';

/** What is wrong with a text, and how it should look. */
export interface SyntaxProblem {
  readonly problem: string;
  readonly hint: string;
}

/** The address of one host: what a host or a guest can have and others can reach (RFC 6890). */
export function parseUnicast(text: string): Address | SyntaxProblem {
  const address = parseAddress(text);
  const hint = text.includes(':') ? 'like 2001:db8::10' : 'like 203.0.113.10';
  if (address === undefined) return { problem: `invalid address "${text}"`, hint };
  const why = familyOf(address) === 'ip' ? unreachableV4(address) : unreachableV6(address);
  return why === undefined ? address : { problem: `${address} is ${why}`, hint };
}

/** The same where why it is none does not matter. */
export function unicastOf(text: string): Address | undefined {
  const address = parseUnicast(text);
  return typeof address === 'string' ? address : undefined;
}

function unreachableV4(address: Address): string | undefined {
  const first = Number(address.split('.')[0]);
  if (first === 127) return 'reachable from the host itself only';
  return first === 0 || first >= 224 ? 'not the address of a single host' : undefined;
}

function unreachableV6(address: Address): string | undefined {
  if (address === '::1') return 'reachable from the host itself only';
  if (contains('fe80::/10', address)) return 'reachable from its own link only';
  // IPv4 addresses embedded in IPv6 (RFC 4291, 2.5.5) are never in a packet's header.
  if (contains('::/96', address) || contains('::ffff:0:0/96', address))
    return 'not an address of an IPv6 packet';
  return contains('ff00::/8', address) ? 'not the address of a single host' : undefined;
}
