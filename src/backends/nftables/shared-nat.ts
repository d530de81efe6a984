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

/** Connections to forwards whose guest is to see the host's address. nft knows the type of a connection's original port only where the rule names the protocol. */
export function masqueradeRules(ip: 'ip' | 'ip6'): string {
  const rules = protocols.flatMap((protocol) => {
    const port = `meta l4proto . ct original proto-dst . ${ip} daddr`;
    return [
      `meta l4proto ${protocol} ct original ${ip} daddr . ${port} @masqueraded masquerade`,
      `meta l4proto ${protocol} ${port} @masqueraded_any masquerade`,
    ];
  });
  return rules.map((rule) => `\n\t\t${rule}`).join('');
}
