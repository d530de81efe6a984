import { spanOf } from '../../src/model/address.ts';

/** A frame to everybody, as octal escapes of printf(1). @param body hex, its Ethernet type first */
export function broadcastFrame(mac: string, body: string): string {
  const frame = `ffffffffffff${mac.replaceAll(':', '')}${body}`.padEnd(128, '0');
  return frame.replace(/../g, (byte) => `\\${Number.parseInt(byte, 16).toString(8).padStart(3, '0')}`);
}

/**
 * A neighbour advertisement (RFC 4861, 4.4) to everybody, from one address about another, as the body of a frame.
 */
export function advertisement(from: string, about: string, mac: string): string {
  const [source, target, all] = [from, about, 'ff02::1'].map(hexOf);
  const icmp = (sum: string) => `8800${sum}20000000${target}0201${mac.replaceAll(':', '')}`;
  const pseudo = `${source}${all}000000200000003a${icmp('0000')}`;
  let sum = (pseudo.match(/.{4}/g) ?? []).reduce((total, word) => total + Number.parseInt(word, 16), 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  const checksum = (~sum & 0xffff).toString(16).padStart(4, '0');
  return `86dd6000000000203aff${source}${all}${icmp(checksum)}`;
}

/** What only servers and routers send, from an address of IPv6 to all nodes, as the body of a frame. */
export function fromServer6(from: string, what: 'router advertisement' | 'DHCPv6'): string {
  const body = what === 'DHCPv6' ? '0223022200080000' : `86000000${'40000708'.padEnd(24, '0')}`;
  const [length, protocol] = [
    (body.length / 2).toString(16).padStart(4, '0'),
    what === 'DHCPv6' ? '11' : '3a',
  ];
  return `86dd60000000${length}${protocol}ff${hexOf(from)}${hexOf('ff02::1')}${body}`;
}

/** A message of a DHCP server to everybody, from 10.99.0.2. The header has its checksum: the bridge looks at it. */
export const dhcpOffer = '08004500002000000000401170690a630002ffffffff00430044000c000000000000';

function hexOf(address: string): string {
  return spanOf(`${address}/128`)[0].toString(16).padStart(32, '0');
}
