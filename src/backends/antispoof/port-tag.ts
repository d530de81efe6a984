/*
 * What the host has received from a guest's port carries the port's tag as the destination of its Ethernet frame, in place of
 * the host's own MAC address, until the host sends it on. Nothing else of a packet belongs to no other program and survives
 * routing: marks are restored, masked and routed by, priorities are overwritten, and connections are not packets.
 */

/** The tag of a port as a MAC address: locally administered (IEEE 802), the same for the same name. */
export function portTag(port: string): string {
  const digits = tagNumber(port).toString(16).padStart(12, '0');
  return (digits.match(/../g) ?? []).join(':');
}

/** The same as the number that nft lists for these 48 bits of a frame. */
export function tagNumber(port: string): number {
  return Number((0x06n << 40n) | (fnv1a(port) & 0xff_ffff_ffffn));
}

/** http://www.isthe.com/chongo/tech/comp/fnv/: FNV-1a of 64 bits. */
function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text, 'utf8'))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
