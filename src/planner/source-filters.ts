import { type Address, type Family, familyOf, mergeNetworks, type Network } from '../model/address.ts';
import type { Claim } from '../model/claim.ts';
import type { DeniedElement, FamilyElement, SourceFilterElement } from '../model/element.ts';
import { familyOfHost } from '../model/host-address.ts';

/** Which sources may use what is claimed. Without a list all may, and no element is needed. */
export function sourceFilter(claim: Claim, from: readonly Network[] | undefined): SourceFilterElement[] {
  return from === undefined
    ? []
    : [{ kind: 'source-filter', claim, from: within(from, familyOfHost(claim.host)) }];
}

/** Which sources may not reach the guest, at any of its known addresses, nor at those that elements lead to. */
export function denied(
  from: readonly Network[],
  family: Family,
  known: readonly Address[],
  elements: readonly FamilyElement[],
): DeniedElement[] {
  const networks = within(from, family);
  if (networks.length === 0) return [];
  const led = elements.flatMap((element) => ('guest' in element ? [element.guest] : []));
  const guests = new Set([...known, ...led]);
  return [...guests].map((guest) => ({ kind: 'denied', guest, from: networks }));
}

/** The networks of a list that are of one family. A list that has none of it denies all access in that family. */
export function within(from: readonly Network[], family: Family): Network[] {
  return mergeNetworks(from.filter((network) => familyOf(network) === family));
}
