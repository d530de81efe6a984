import { type Address, parseAddress } from './address.ts';

/** Whether this is a MAC address of six bytes, `00:16:3e:00:00:02`, in lower case. */
export function isMac(text: string): boolean {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(text);
}

/** Whether an interface may have this MAC address: the lowest bit of the first byte is that of groups (IEEE 802, 8.2). */
export function isUnicastMac(text: string): boolean {
  return isMac(text) && Number.parseInt(text.slice(0, 2), 16) % 2 === 0 && text !== '00:00:00:00:00:00';
}

/** The link-local address that an interface makes of its MAC address (RFC 4291, appendix A). */
export function linkLocalOf(mac: string): Address {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  const groups = [(a ^ 2) * 256 + b, c * 256 + 0xff, 0xfe00 + d, e * 256 + f];
  return parseAddress(`fe80::${groups.map((group) => group.toString(16)).join(':')}`) ?? '';
}
