/*
 * Parsed and compared here, not by a library: every event needs it, and libvirt waits. The texts are RFC 4632's and
 * RFC 4291's.
 */

/** An IPv4 address in dotted decimal, or an IPv6 address in its shortest form (RFC 5952). */
export type Address = string;

/** A network in CIDR notation whose host bits are zero: `192.168.122.0/24`. */
export type Network = string;

export type Family = 'ip' | 'ip6';

/** The address in its normal form, or undefined if the text is none (`010.1.1.1` and `1.2.3` are none). */
export function parseAddress(text: string): Address | undefined {
  if (/^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/.test(text))
    return text.split('.').every((part) => Number(part) <= 255) ? text : undefined;
  return text.includes(':') && /^[\da-f:.]{2,45}$/i.test(text) ? shortest(text) : undefined;
}

/** The URL standard's IPv6 parser and serializer are RFC 4291's and RFC 5952's (https://url.spec.whatwg.org/#host-parsing). */
function shortest(text: string): Address | undefined {
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return undefined;
  }
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
  const width = widthOf(familyOf(address));
  if (length === undefined) return `${address}/${width}`;
  if (!/^\d{1,3}$/.test(length) || Number(length) > width) return undefined;
  return networkOf(address, Number(length));
}

/** The network that an address lies in, by prefix length. */
export function networkOf(address: Address, prefix: number): Network {
  const family = familyOf(address);
  const free = BigInt(widthOf(family) - prefix);
  return `${format((bitsOf(address) >> free) << free, family)}/${prefix}`;
}

/** The prefix length of an IPv4 netmask (`255.255.255.0` is 24); undefined if it has holes. */
export function prefixOfNetmask(netmask: string): number | undefined {
  const address = parseAddress(netmask);
  if (address === undefined || familyOf(address) !== 'ip') return undefined;
  const bits = bitsOf(address).toString(2).padStart(32, '0');
  return bits.includes('01') ? undefined : bits.lastIndexOf('1') + 1;
}

export function contains(network: Network, address: Address): boolean {
  const family = familyOf(network);
  if (familyOf(address) !== family) return false;
  const free = BigInt(widthOf(family) - prefixOf(network));
  return bitsOf(baseOf(network)) >> free === bitsOf(address) >> free;
}

/**
 * The networks without those that lie inside another one: nftables refuses overlapping entries in an
 * interval set of concatenated keys.
 */
export function mergeNetworks(networks: readonly Network[]): Network[] {
  const byWidth = [...new Set(networks)].sort((a, b) => prefixOf(a) - prefixOf(b) || (a < b ? -1 : 1));
  // Each is looked for under its first bits, as many as the wider ones have: the time grows with the number of networks only.
  const kept = new Map<string, Set<bigint>>();
  return byWidth.filter((network) => {
    const family = familyOf(network);
    const bits = bitsOf(baseOf(network));
    const firstBits = (prefix: number) => bits >> BigInt(widthOf(family) - prefix);
    for (const [width, found] of kept) {
      const [of, prefix] = width.split(' ');
      if (of === family && found.has(firstBits(Number(prefix)))) return false;
    }
    const width = `${family} ${prefixOf(network)}`;
    const others = kept.get(width);
    if (others === undefined) kept.set(width, new Set([firstBits(prefixOf(network))]));
    else others.add(firstBits(prefixOf(network)));
    return true;
  });
}

/** The first and the last address of an IPv4 network: in networks of /30 and wider no host may have them. */
export function isNetworkOrBroadcast(network: Network, address: Address): boolean {
  if (familyOf(network) === 'ip6' || prefixOf(network) > 30) return false;
  const hosts = (1n << BigInt(32 - prefixOf(network))) - 1n;
  const host = bitsOf(address) & hosts;
  return contains(network, address) && (host === 0n || host === hosts);
}

/** The first and the last address of a network, as numbers. */
export function spanOf(network: Network): [first: bigint, last: bigint] {
  const first = bitsOf(baseOf(network));
  return [first, first | ((1n << BigInt(widthOf(familyOf(network)) - prefixOf(network))) - 1n)];
}

/** The address in a network with this number, from 0; undefined: the network has none of it. */
export function numberedAddress(network: Network, number: number): Address | undefined {
  const [first, last] = spanOf(network);
  const bits = first + BigInt(number);
  return number < 0 || bits > last ? undefined : format(bits, familyOf(network));
}

/** Whether it is of one address only: `/32`, `/128`. */
export function isSingle(network: Network): boolean {
  return prefixOf(network) === widthOf(familyOf(network));
}

export function baseOf(network: Network): Address {
  return network.slice(0, network.indexOf('/'));
}

function prefixOf(network: Network): number {
  return Number(network.slice(network.indexOf('/') + 1));
}

function widthOf(family: Family): number {
  return family === 'ip' ? 32 : 128;
}

/** An address in its normal form as a number. */
function bitsOf(address: Address): bigint {
  if (familyOf(address) === 'ip')
    return BigInt(address.split('.').reduce((number, part) => number * 256 + Number(part), 0));
  const [head = '', tail] = address.split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce(
    (number, group) => (number << 16n) | BigInt(`0x${group}`),
    0n,
  );
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}

function format(bits: bigint, family: Family): Address {
  if (family === 'ip') return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return shortest(groups.join(':')) ?? '';
}

/** An address as the kernel passes it: four bytes, or sixteen. Undefined: neither. */
export function addressOfBytes(bytes: Buffer): Address | undefined {
  if (bytes.length === 4) return parseAddress(bytes.join('.'));
  return parseAddress(bytes.toString('hex').replaceAll(/(....)(?=.)/g, '$1:'));
}

/** Networks that no provider routes (RFC 1918, 6598, 4193): what leaves from them has no way back without another source address. */
export const privateNetworks: Readonly<Record<Family, readonly Network[]>> = {
  ip: ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'],
  ip6: ['fc00::/7'],
};
