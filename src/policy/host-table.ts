import { isInterfaceName } from '../model/interface-name.ts';
import { defaultHostPolicy, type HostPolicy, type SizeLimits } from '../model/policy.ts';
import { type Problem, quoted } from '../model/problem.ts';
import { readNetworks } from './address-list.ts';
import { parseGrants, readReserved } from './metadata-grants.ts';
import { parseProtection } from './protect-table.ts';
import { hostEntries, limitEntries } from './schema.ts';
import { parseUnicast } from './unicast.ts';
import { type Place, problemAt, validateTable } from './validate.ts';

const byName = 'list each interface: "ppp0", "ppp1"; one that comes later counts when it is there';

/** The `[host]` table, with all that is wrong with it. */
export function parseHostTable(value: unknown, place: Place): { host: HostPolicy; problems: Problem[] } {
  const problems: Problem[] = [];
  const table = validateTable(hostEntries, value, place, problems);
  const complain = (path: readonly (string | number)[], problem: string, hint?: string) =>
    problems.push(problemAt(place, path, problem, hint));
  /** Where an entry is: its own line, if the key has a list. */
  const entryAt = (key: 'interface' | 'address', index: number) =>
    Array.isArray(table[key]) ? [key, index] : [key];
  const readSizeLimits = (key: 'limits' | 'metadata_limits', usual: SizeLimits): SizeLimits => {
    const at = { ...place, path: [...place.path, key] };
    const written = validateTable(limitEntries, table[key] ?? {}, at, problems);
    const { forwards = usual.forwards, shifted_ports: shiftedPorts = usual.shiftedPorts } = written;
    return { forwards, shiftedPorts, sources: written.sources ?? usual.sources };
  };

  // An alias (`eth0:0`) is another address of its interface.
  const interfaces =
    table.interface === undefined
      ? undefined
      : [table.interface].flat().map((name) => name.replace(/:[^:]*$/, ''));
  for (const [index, name] of (interfaces ?? []).entries()) {
    const at = entryAt('interface', index);
    if (/[*+]$/.test(name)) complain(at, `${quoted(name)} is a pattern, not a name`, byName);
    else if (!isInterfaceName(name))
      complain(at, `invalid interface name ${quoted(name)}`, 'see: ip -br link');
  }
  const addresses = table.address === undefined ? undefined : [table.address].flat();
  for (const [index, text] of (addresses ?? []).entries()) {
    const address = parseUnicast(text);
    if (typeof address !== 'string')
      complain(entryAt('address', index), `address: ${address.problem}`, address.hint);
  }
  const reserved = readReserved('reserved', table.reserved, place, problems);
  const isTable = typeof table.metadata === 'object';
  const grants = isTable
    ? parseGrants(table.metadata, { ...place, path: [...place.path, 'metadata'] })
    : undefined;
  problems.push(...(grants?.problems ?? []));
  const denyFrom = readNetworks(['deny_from'], table.deny_from, place, problems);
  const protect =
    table.protect === undefined
      ? undefined
      : parseProtection(table.protect, { ...place, path: [...place.path, 'protect'] }, problems);
  const mark = table.mark ?? defaultHostPolicy.mark;
  if (mark < 1 || mark > 0xffffffff || (mark & (mark - 1)) !== 0) {
    complain(['mark'], `mark: ${mark} is not a single bit of 32`, 'the default is 0x10000000');
  }
  return {
    host: {
      ...(interfaces !== undefined && { interfaces }),
      ...(addresses !== undefined && { addresses }),
      ...(denyFrom !== undefined && { denyFrom }),
      backend: table.backend ?? defaultHostPolicy.backend,
      metadata: table.metadata !== false,
      ...(grants !== undefined && { metadataGrants: grants.grants }),
      ...(reserved !== undefined && { reserved }),
      ...(protect !== undefined && { protect }),
      ...(table.vif_rules === 'bottom' && { vifRules: table.vif_rules }),
      mark,
      limits: readSizeLimits('limits', defaultHostPolicy.limits),
      metadataLimits: readSizeLimits('metadata_limits', defaultHostPolicy.metadataLimits),
    },
    problems,
  };
}
