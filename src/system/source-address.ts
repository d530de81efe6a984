import { type Address, addressOfBytes, type Family, parseAddress } from '../model/address.ts';
import type { Libc } from './libc.ts';
import { openLibc } from './libc.ts';
import { tryRun } from './run.ts';

/** Beyond every route but the default one: documentation addresses (RFC 5737, RFC 3849). */
const beyond = { ip: '192.0.2.1', ip6: '2001:db8:ffff::1' } as const;

/** An address of no network that this host knows: where clients on the Internet are. */
export function distantAddress(family: Family): Address {
  return beyond[family];
}

/**
 * The address that the host's own connections to the outside leave with, which routes may choose (`src`). Sends nothing.
 *
 * @returns undefined if the host has no default route in that family
 */
export function sourceAddress(family: Family): Address | undefined {
  const library = openLibc();
  if (library === undefined) return askIp(family);
  try {
    return askKernel(library.calls, family);
  } finally {
    library.release();
  }
}

/** A socket of UDP that is connected has its source address: ip(7), ipv6(7). `struct sockaddr_in` and `sockaddr_in6`. */
function askKernel(libc: Libc, family: Family): Address | undefined {
  const [domain, size, at, width] = family === 'ip' ? ([2, 16, 4, 4] as const) : ([10, 28, 8, 16] as const);
  const address = Buffer.alloc(size);
  address.writeUInt16LE(domain, 0);
  // Any port: no packet is sent to it.
  address.writeUInt16BE(9, 2);
  Buffer.from(bytesOf[family]).copy(address, at);
  // SOCK_DGRAM | SOCK_CLOEXEC
  const socket = libc.socket(domain, 0x80002, 0);
  if (socket < 0) return undefined;
  try {
    if (libc.connect(socket, address, size) !== 0) return undefined;
    if (libc.getsockname(socket, address, new Uint32Array([size])) !== 0) return undefined;
    return addressOfBytes(address.subarray(at, at + width));
  } finally {
    libc.close(socket);
  }
}

const bytesOf = {
  ip: [192, 0, 2, 1],
  ip6: [0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
} as const;

/** `192.0.2.1 via 198.51.100.2 dev eth0 src 198.51.100.1 uid 0` */
function askIp(family: Family): Address | undefined {
  const version = family === 'ip' ? '-4' : '-6';
  const answer = tryRun({ program: 'ip', args: [version, '-o', 'route', 'get', beyond[family]] });
  const source = / src (\S+)/.exec(answer ?? '')?.[1];
  return source === undefined ? undefined : parseAddress(source);
}
