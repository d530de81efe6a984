import { type Address, familyOf, parseAddress } from '../model/address.ts';

/** What is wrong with a text, and how it should look. */
export interface SyntaxProblem {
  readonly problem: string;
  readonly hint: string;
}

/** The IPv4 address of one host: what a host or a guest can have and others can reach (RFC 6890). */
export function parseUnicast(text: string): Address | SyntaxProblem {
  const address = parseAddress(text);
  const hint = 'like 203.0.113.10';
  if (address === undefined) return { problem: `"${text}" is no address`, hint };
  if (familyOf(address) === 'ip6') {
    return {
      problem: `${address} is an IPv6 address, and only IPv4 is forwarded`,
      hint: 'give an IPv4 address',
    };
  }
  const first = Number(address.split('.')[0]);
  if (first === 127) return { problem: `${address} is reachable from the host itself only`, hint };
  return first === 0 || first >= 224
    ? { problem: `${address} is no address of a single host`, hint }
    : address;
}
