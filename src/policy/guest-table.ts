import type { GuestPolicy, GuestPolicyFound } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import { checkOneEach, checkSourceAddress, readAddresses, readNetworks } from './address-list.ts';
import { readEgress } from './egress-list.ts';
import { readForwards } from './forward-list.ts';
import { readOpenPorts } from './open-port-list.ts';
import { readInterfaceChoice } from './read-interface-choice.ts';
import { guestEntries } from './schema.ts';
import { isTable, type Place, problemAt, validateTable } from './validate.ts';

/** One `[guest.NAME]` table of the configuration, with all that is wrong with it. */
export function parseGuestTable(value: unknown, place: Place): GuestPolicyFound {
  const problems: Problem[] = [];
  const table = validateTable(guestEntries, value, place, problems);
  const addresses = readAddresses('address', table.address, place, problems);
  const publicAddresses = readAddresses('public_address', table.public_address, place, problems);
  const snat = readAddresses('snat', table.snat, place, problems);
  const allowFrom = readNetworks(['allow_from'], table.allow_from, place, problems);
  const denyFrom = readNetworks(['deny_from'], table.deny_from, place, problems);
  const forwards = readForwards(table.forward, place, problems);
  const open = readOpenPorts(table.open, place, problems);
  const interfaceChoice = readInterfaceChoice(table, place, problems);
  const antispoof = restrictionOf(value, 'antispoof', table.antispoof, true);
  const access = restrictionOf(value, 'access', table.access, 'none');
  const egress = readEgress(table.egress, place, problems);
  checkAccess({ ...table, access }, place, problems);
  checkOneEach('address', addresses ?? [], place, problems);
  checkSourceAddress(snat ?? [], publicAddresses ?? [], place, problems);
  if (table.absent !== undefined && publicAddresses === undefined)
    problems.push(
      problemAt(
        place,
        ['absent'],
        'absent has no effect without public_address',
        'write both into one table',
      ),
    );
  const policy: GuestPolicy = {
    ...(addresses !== undefined && { addresses }),
    ...(interfaceChoice !== undefined && { interfaceChoice }),
    ...(forwards !== undefined && { forwards }),
    ...(open !== undefined && { open }),
    ...(publicAddresses !== undefined && { publicAddresses }),
    ...(snat !== undefined && { snat }),
    ...(allowFrom !== undefined && { allowFrom }),
    ...(denyFrom !== undefined && { denyFrom }),
    ...(table.loopback !== undefined && { loopback: table.loopback }),
    ...(table.masquerade !== undefined && { masquerade: table.masquerade }),
    ...(access !== undefined && { access }),
    ...(egress !== undefined && { egress }),
    ...(antispoof !== undefined && { antispoof }),
    ...(table.isolated !== undefined && { isolated: table.isolated }),
    ...(table.absent !== undefined && { absent: table.absent }),
    ...(table.on_error !== undefined && { onError: table.on_error }),
  };
  return { policy, problems };
}

/** A restriction with an invalid value is the strictest: the mistake must not remove it from a guest that runs. */
function restrictionOf<Value>(
  table: unknown,
  key: string,
  valid: Value | undefined,
  strictest: Value,
): Value | undefined {
  return valid ?? (isTable(table) && Object.hasOwn(table, key) ? strictest : undefined);
}

/** What has no effect beside this `access`. */
function checkAccess(
  { access, egress, ...table }: { readonly [key: string]: unknown },
  place: Place,
  problems: Problem[],
): void {
  if (egress !== undefined && access !== 'inbound')
    problems.push(
      problemAt(
        place,
        ['egress'],
        'egress has no effect without access = "inbound"',
        'write both into one table',
      ),
    );
  if (access !== 'none') return;
  for (const key of ['forward', 'open', 'public_address', 'snat'])
    if (table[key] !== undefined)
      problems.push(
        problemAt(place, [key], `${key} has no effect with access = "none"`, 'remove one of them'),
      );
}
