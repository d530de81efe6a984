import ipaddr from 'ipaddr.js';

/** An IPv4 address in dotted decimal, or an IPv6 address in its shortest form (RFC 5952). */
export type Address = string;

/** A network in CIDR notation whose host bits are zero: `192.168.122.0/24`. */
export type Network = string;

export type Family = 'ip' | 'ip6';

/** The address in its normal form, or undefined if the text is none (`010.1.1.1` and `1.2.3` are none). */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return /(^|\.)0\d/.test(text) ? undefined : text;
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).toRFC5952String();
}

/** Both, in the order in which they are looked at. */
export const families: readonly Family[] = ['ip', 'ip6'];

/** As messages name it. */
export function familyName(family: Family): 'IPv4' | 'IPv6' {
  return family === 'ip' ? 'IPv4' : 'IPv6';
}

export function familyOf(address: Address): Family {
  return address.includes(':') ? 'ip6' : 'ip';
}

/** `10.0.0.0/8`, `10.1.2.3` (a single host) or `10.1.2.3/8` (host bits are cleared) as a network. */
export function parseNetwork(text: string): Network | undefined {
  const [base = '', length, rest] = text.split('/');
  const address = parseAddress(base);
  if (address === undefined || rest !== undefined) return undefined;
  const width = familyOf(address) === 'ip' ? 32 : 128;
  if (length === undefined) return `${address}/${width}`;
  if (!/^\d{1,3}$/.test(length) || Number(length) > width) return undefined;
  return networkOf(address, Number(length));
}

/** The network that an address lies in, by prefix length. */
export function networkOf(address: Address, prefix: number): Network {
  const parser = familyOf(address) === 'ip' ? ipaddr.IPv4 : ipaddr.IPv6;
  const base = parser.networkAddressFromCIDR(`${address}/${prefix}`);
  return `${base.kind() === 'ipv6' ? (base as ipaddr.IPv6).toRFC5952String() : base.toString()}/${prefix}`;
}

/** The prefix length of an IPv4 netmask (`255.255.255.0` is 24); undefined if it has holes. */
export function prefixOfNetmask(netmask: string): number | undefined {
  if (!ipaddr.IPv4.isValidFourPartDecimal(netmask)) return undefined;
  return ipaddr.IPv4.parse(netmask).prefixLengthFromSubnetMask() ?? undefined;
}

export function contains(network: Network, address: Address): boolean {
  const [base, prefix] = ipaddr.parseCIDR(network);
  const parsed = ipaddr.parse(address);
  return parsed.kind() === base.kind() && parsed.match([base, prefix] as never);
}

/**
 * The networks without those that lie inside another one: nftables refuses overlapping entries in an
 * interval set of concatenated keys.
 */
export function mergeNetworks(networks: readonly Network[]): Network[] {
  const byWidth = [...new Set(networks)].sort((a, b) => prefixOf(a) - prefixOf(b) || (a < b ? -1 : 1));
  const merged: Network[] = [];
  for (const network of byWidth) {
    const base = network.slice(0, network.indexOf('/'));
    if (!merged.some((wider) => contains(wider, base))) merged.push(network);
  }
  return merged;
}

function prefixOf(network: Network): number {
  return Number(network.slice(network.indexOf('/') + 1));
}

/** The first and the last address of an IPv4 network: they are nobody's in networks of /30 and wider. */
export function isNetworkOrBroadcast(network: Network, address: Address): boolean {
  if (familyOf(network) === 'ip6' || prefixOf(network) > 30) return false;
  const first = ipaddr.IPv4.networkAddressFromCIDR(network).toString();
  return address === first || address === ipaddr.IPv4.broadcastAddressFromCIDR(network).toString();
}
