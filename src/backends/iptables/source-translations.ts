import { type Address, familyOf } from '../../model/address.ts';
import { sharedPorts } from '../../model/element.ts';
import { protocols } from '../../model/port.ts';

/** The same for the address of the interface that packets leave through. @param leaving what the rules match */
export function masquerades(leaving: string): string[] {
  const ports = `--to-ports ${sharedPorts.first}-${sharedPorts.last}`;
  return [
    ...protocols.map((protocol) => `${leaving} -p ${protocol} -j MASQUERADE ${ports}`),
    `${leaving} -j MASQUERADE`,
  ];
}

/**
 * The rules that give what leaves another source, in their order. Of an address that is shared, TCP, UDP and SCTP get high
 * ports alone; ICMP and others have none. The last rule names a protocol so that it differs from that of an address of the
 * guest's own: where a rule stays, others are added behind it.
 *
 * @param leaving what the rules match
 */
export function sourceTranslations(leaving: string, address: Address, shared = true): string[] {
  const all = `${leaving} -j SNAT --to-source ${address}`;
  if (!shared) return [all];
  const socket = `${familyOf(address) === 'ip6' ? `[${address}]` : address}:${sharedPorts.first}-${sharedPorts.last}`;
  return [
    ...protocols.map((protocol) => `${leaving} -p ${protocol} -j SNAT --to-source ${socket}`),
    all.replace(' -j', ' ! -p tcp -j'),
  ];
}
