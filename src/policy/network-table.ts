import type { NetworkPolicyFound } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import { checkOneEach, readAddresses } from './address-list.ts';
import { networkEntries } from './schema.ts';
import { isTable, type Place, validateTable } from './validate.ts';

/** One `[network.NAME]` table of the configuration, with all that is wrong with it. */
export function parseNetworkTable(value: unknown, place: Place): NetworkPolicyFound {
  const problems: Problem[] = [];
  const table = validateTable(networkEntries, value, place, problems);
  const snat = readAddresses('snat', table.snat, place, problems);
  checkOneEach('snat', snat ?? [], place, problems);
  const isWritten = isTable(value) && Object.hasOwn(value, 'access');
  // An invalid value is the strictest: the mistake must not open the guests of a network.
  const access = table.access ?? (isWritten ? 'none' : undefined);
  const policy = { ...(snat !== undefined && { snat }), ...(access !== undefined && { access }) };
  return { policy, problems };
}
