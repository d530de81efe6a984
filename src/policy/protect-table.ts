import type { PortRange } from '../model/port.ts';
import type { Problem } from '../model/problem.ts';
import { type HostProtection, protectsAnything, type RefusedPorts } from '../model/protection.ts';
import { readNetworks } from './address-list.ts';
import { readRate } from './limits.ts';
import { readReserved } from './metadata-grants.ts';
import { protectEntries } from './schema.ts';
import { type Place, problemAt, validateTable } from './validate.ts';

/** Where sshd listens if the table does not say it. */
const usualSshPorts: readonly PortRange[] = [{ first: 22, last: 22 }];

/** The `[host.protect]` table, with all that is wrong with it. @returns no protection if the table asks for nothing */
export function parseProtection(
  value: unknown,
  place: Place,
  problems: Problem[],
): HostProtection | undefined {
  const table = validateTable(protectEntries, value, place, problems);
  const pingRate = readRate('ping_rate', table.ping_rate, place, problems);
  const log = readRate('log', table.log, place, problems);
  const sshFrom = readNetworks(['ssh_from'], table.ssh_from, place, problems);
  const protection: HostProtection = {
    ...(pingRate !== undefined && { pingRate }),
    ...(table.ping_size !== undefined && { pingSize: table.ping_size }),
    icmp: table.icmp ?? 'all',
    reject: readRefused(table.reject, place, problems),
    ...(sshFrom !== undefined && { sshFrom }),
    sshPorts: readSshPorts(table.ssh_ports, place, problems),
    ...(log !== undefined && { log }),
  };
  return protectsAnything(protection) ? protection : undefined;
}

/** A port without a protocol is refused in tcp and udp. */
function readRefused(
  texts: readonly (string | number)[] | undefined,
  place: Place,
  problems: Problem[],
): RefusedPorts[] {
  return (readReserved('reject', texts, place, problems) ?? []).flatMap(({ ports, protocol }, index) => {
    if (protocol === undefined)
      return (['tcp', 'udp'] as const).map((either): RefusedPorts => ({ protocol: either, ports }));
    if (protocol === 'sctp') {
      problems.push(problemAt(place, ['reject', index], 'reject: sctp cannot be refused', 'tcp or udp'));
      return [];
    }
    return [{ protocol, ports }];
  });
}

function readSshPorts(
  texts: readonly (string | number)[] | undefined,
  place: Place,
  problems: Problem[],
): readonly PortRange[] {
  const read = readReserved('ssh_ports', texts, place, problems)?.map(({ ports }) => ports) ?? [];
  return read.length === 0 ? usualSshPorts : read;
}
