import { type Family, familyOf, mergeNetworks, type Network } from '../model/address.ts';
import type { Claim, SourceFilterElement } from '../model/element.ts';
import { familyOfHost } from '../model/host-address.ts';

/** Who may use what is claimed; nothing where everybody may. */
export function sourceFilter(claim: Claim, from: readonly Network[] | undefined): SourceFilterElement[] {
  return from === undefined
    ? []
    : [{ kind: 'source-filter', claim, from: within(from, familyOfHost(claim.host)) }];
}

/** The networks of a list that are of one family: where it names none, nobody may. */
export function within(from: readonly Network[], family: Family): Network[] {
  return mergeNetworks(from.filter((network) => familyOf(network) === family));
}
