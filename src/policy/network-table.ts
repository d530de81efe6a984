import type { Family } from '../model/address.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { type NetworkPolicyFound, type NetworkService, namedServices } from '../model/network-policy.ts';
import { parsePorts, parseProtocols } from '../model/port.ts';
import { type Problem, quoted } from '../model/problem.ts';
import { checkOneEach, readAddresses } from './address-list.ts';
import { networkEntries } from './schema.ts';
import { isTable, type Place, problemAt, validateTable } from './validate.ts';

/** One `[network.NAME]` table of the configuration, with all that is wrong with it. */
export function parseNetworkTable(value: unknown, place: Place): NetworkPolicyFound {
  const problems: Problem[] = [];
  const table = validateTable(networkEntries, value, place, problems);
  const snat = readAddresses('snat', table.snat, place, problems);
  checkOneEach('snat', snat ?? [], place, problems);
  const isWritten = isTable(value) && Object.hasOwn(value, 'access');
  // An invalid value is the strictest: the mistake must not open the guests of a network.
  const access = table.access ?? (isWritten ? 'none' : undefined);
  const { forward, masquerade, isolated } = table;
  const uplinks = readUplinks(table.uplink, place, problems);
  const services = readServices(table.services, place, problems);
  const policy = {
    ...(snat !== undefined && { snat }),
    ...(access !== undefined && { access }),
    ...(forward !== undefined && { forward }),
    ...(masquerade !== undefined && { masquerade: familiesOf(masquerade) }),
    ...(uplinks !== undefined && { uplinks }),
    ...(services !== undefined && { services }),
    ...(isolated !== undefined && { isolated }),
  };
  return { policy, problems };
}

/** `true` is IPv4 alone: with IPv6 guests have addresses that others can answer to. */
function familiesOf(masquerade: boolean | 'ipv4' | 'ipv6' | 'both'): readonly Family[] {
  switch (masquerade) {
    case false:
      return [];
    case 'ipv6':
      return ['ip6'];
    case 'both':
      return ['ip', 'ip6'];
    default:
      return ['ip'];
  }
}

function readUplinks(
  texts: string | readonly string[] | undefined,
  place: Place,
  problems: Problem[],
): readonly string[] | undefined {
  if (texts === undefined) return undefined;
  const uplinks = [...new Set([texts].flat())];
  for (const [index, name] of uplinks.entries())
    if (!isInterfaceName(name)) {
      const below = typeof texts === 'string' ? ['uplink'] : ['uplink', index];
      problems.push(
        problemAt(place, below, `uplink: invalid interface name ${quoted(name)}`, 'see: ip -br link'),
      );
    }
  return uplinks;
}

function readServices(
  texts: readonly (string | number)[] | undefined,
  place: Place,
  problems: Problem[],
): readonly NetworkService[] | undefined {
  return texts?.flatMap((text, index): readonly NetworkService[] => {
    const named = Object.hasOwn(namedServices, text) ? namedServices[text] : undefined;
    if (named !== undefined) return named;
    const [portText = '', protocolText = 'tcp+udp'] = String(text).split('/');
    const ports = parsePorts(portText);
    const protocols = parseProtocols(protocolText);
    if (ports !== undefined && protocols !== undefined)
      return protocols.map((protocol) => ({ protocol, ports }));
    const hint = '"dhcp", "dns", or like "123/udp", "8000-8010/tcp"';
    problems.push(
      problemAt(place, ['services', index], `services: invalid service ${quoted(String(text))}`, hint),
    );
    return [];
  });
}
