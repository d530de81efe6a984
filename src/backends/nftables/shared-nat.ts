import type { Family } from '../../model/address.ts';
import { sharedPorts } from '../../model/element.ts';
import { protocols } from '../../model/port.ts';
import { connectionLabels } from '../names.ts';

/**
 * The rules for addresses that the host and other guests use, too: high ports alone; ICMP and others have none. Last, for guests
 * without any address to leave with, that of the interface.
 */
export function sharedNat(family: Family): string {
  const ports = `${sharedPorts.first}-${sharedPorts.last}`;
  const withPorts = `meta l4proto { ${protocols.join(', ')} }`;
  const masqueraded = `ct label ${connectionLabels.masqueraded} masquerade`;
  const rules = ['shared_nat', 'network_nat'].flatMap((map) => {
    const translated = `snat to ${family} saddr . oifname map @${map}`;
    return [`${withPorts} ${translated} : ${ports}`, translated];
  });
  return [...rules, `${withPorts} ${masqueraded} to :${ports}`, masqueraded]
    .map((rule) => `\n\t\t${rule}`)
    .join('');
}
