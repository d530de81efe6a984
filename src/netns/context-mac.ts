/**
 * The MAC address of a guest's interface, of six bytes: 02 (locally administered, unicast: IEEE 802, 8.2), the VLAN in two bytes, the
 * context in two bytes, the interface's number in one. VLAN 20, context 1001, interface 0: `02:00:14:03:e9:00`. It is the same at each start,
 * and on each host: in one network, a context is that of one guest.
 *
 * @param vlan 1 to 4094; 0: none
 * @param context 0 to 65535
 * @param number 0 to 255
 */
export function contextMac(vlan: number, context: number, number: number): string {
  const bytes = [0x02, vlan >> 8, vlan & 0xff, context >> 8, context & 0xff, number];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
