import { type Family, familyOf, mergeNetworks, type Network } from '../model/address.ts';
import type { Claim } from '../model/claim.ts';
import type { SourceFilterElement } from '../model/element.ts';
import { familyOfHost } from '../model/host-address.ts';

/** Which sources may use what is claimed. Without a list all may, and no element is needed. */
export function sourceFilter(claim: Claim, from: readonly Network[] | undefined): SourceFilterElement[] {
  return from === undefined
    ? []
    : [{ kind: 'source-filter', claim, from: within(from, familyOfHost(claim.host)) }];
}

/** The networks of a list that are of one family. A list that has none of it denies all access in that family. */
export function within(from: readonly Network[], family: Family): Network[] {
  return mergeNetworks(from.filter((network) => familyOf(network) === family));
}
