import type { Family } from '../../model/address.ts';
import { sharedPorts } from '../../model/element.ts';
import { protocols } from '../../model/port.ts';

/** The rules for addresses that the host and other guests use, too: high ports alone; ICMP and others have none. */
export function sharedNat(family: Family): string {
  const ports = `${sharedPorts.first}-${sharedPorts.last}`;
  const rules = ['shared_nat', 'network_nat'].flatMap((map) => {
    const translated = `snat to ${family} saddr . oifname map @${map}`;
    return [`meta l4proto { ${protocols.join(', ')} } ${translated} : ${ports}`, translated];
  });
  return rules.map((rule) => `\n\t\t${rule}`).join('');
}
