import type { MetadataGrants, ReservedPorts } from '../model/policy.ts';
import { parsePorts, parseProtocols } from '../model/port.ts';
import type { Problem } from '../model/problem.ts';
import { readAddresses } from './address-list.ts';
import { metadataEntries } from './schema.ts';
import { type Place, problemAt, validateTable } from './validate.ts';

/** The `[host.metadata]` table, with all that is wrong with it. */
export function parseGrants(value: unknown, place: Place): { grants: MetadataGrants; problems: Problem[] } {
  const problems: Problem[] = [];
  const table = validateTable(metadataEntries, value, place, problems);
  const guests = table.guests === undefined ? undefined : [table.guests].flat();
  return {
    grants: {
      ...(guests !== undefined && { guests }),
      keys: table.keys ?? [],
      ports: readReserved('ports', table.ports, place, problems) ?? [],
      addresses: readAddresses('addresses', table.addresses, place, problems) ?? [],
    },
    problems,
  };
}

/** A list of ports, each with its protocols or for all of them: `22`, `"53/tcp+udp"`, `"8000-8010"`. */
export function readReserved(
  key: string,
  texts: readonly (string | number)[] | undefined,
  place: Place,
  problems: Problem[],
): ReservedPorts[] | undefined {
  return texts?.flatMap((text, index): ReservedPorts[] => {
    const [portText = '', protocolText] = String(text).split('/');
    const ports = parsePorts(portText);
    const protocols = protocolText === undefined ? [] : parseProtocols(protocolText);
    if (ports === undefined || protocols === undefined) {
      const hint = 'like "22", "22/tcp" or "8000-8010"';
      problems.push(problemAt(place, [key, index], `${key}: invalid port "${text}"`, hint));
      return [];
    }
    return protocols.length === 0 ? [{ ports }] : protocols.map((protocol) => ({ ports, protocol }));
  });
}
