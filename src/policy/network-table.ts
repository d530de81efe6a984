import type { NetworkPolicyFound } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import { checkOneEach, readAddresses } from './address-list.ts';
import { networkEntries } from './schema.ts';
import { type Place, validateTable } from './validate.ts';

/** One `[network.NAME]` table of the configuration, with all that is wrong with it. */
export function parseNetworkTable(value: unknown, place: Place): NetworkPolicyFound {
  const problems: Problem[] = [];
  const table = validateTable(networkEntries, value, place, problems);
  const snat = readAddresses('snat', table.snat, place, problems);
  checkOneEach('snat', snat ?? [], place, problems);
  return { policy: { ...(snat !== undefined && { snat }) }, problems };
}
