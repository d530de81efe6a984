import { createHash } from 'node:crypto';

/**
 * A MAC address that is the same each time: locally administered and unicast (the first byte is 02, IEEE 802, 8.2), then the first five
 * bytes of SHA-256 over the host's machine ID (machine-id(5)), the purpose and the name, with a zero byte between them. Two hosts on one
 * network give namespaces of one name different addresses.
 *
 * @param machine the machine ID
 * @param purpose `namespace`: the interface in the namespace; `host`: the host's end
 */
export function derivedMac(machine: string, purpose: 'namespace' | 'host' | 'vlan', name: string): string {
  const digest = createHash('sha256').update([machine, purpose, name].join('\0')).digest();
  return ['02', ...Array.from(digest.subarray(0, 5), (byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

/**
 * The name of the host's end of a namespace's link: `gn-` and the namespace's name, or, where that is longer than an interface's name
 * may be (15 bytes), twelve hexadecimal digits of its SHA-256.
 */
export function hostEndOf(name: string): string {
  if (name.length <= 12) return `gn-${name}`;
  return `gn-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}
