/**
 * The MAC address inside a DHCPv6 client's identifier (DUID, RFC 8415, 11), if it is of a kind that holds one: by link
 * layer address, with a time (1) or without (3), of Ethernet (1). libvirt and dnsmasq write the bytes in hex, with or
 * without leading zeros: `0:3:0:1:52:54:0:aa:bb:1`.
 */
export function macOfDuid(duid: string): string | undefined {
  if (!/^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){9,13}$/i.test(duid)) return undefined;
  const bytes = duid
    .toLowerCase()
    .split(':')
    .map((byte) => byte.padStart(2, '0'));
  const kind = bytes.slice(0, 4).join('');
  const plain = kind === '00030001' && bytes.length === 10;
  const timed = kind === '00010001' && bytes.length === 14;
  return plain || timed ? bytes.slice(-6).join(':') : undefined;
}
