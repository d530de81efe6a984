import { type Address, familyOf } from '../model/address.ts';
import type { Element, FamilyElement } from '../model/element.ts';
import type { Fault } from '../model/finding.ts';
import type { GuestPolicy } from '../model/policy.ts';
import { outgoingInterfaces, type PublicSide } from './outgoing-interfaces.ts';

/** The source address of the guest's own connections: the first of its family that the policy names. */
export function planSourceNat(
  policy: GuestPolicy,
  guest: Address,
  host: PublicSide,
  problems: Fault[],
): FamilyElement[] {
  const named = [...(policy.snat ?? []), ...(policy.publicAddresses ?? [])];
  const address = named.find((one) => familyOf(one) === familyOf(guest));
  if (address === undefined) return [];
  return outgoingInterfaces(address, host, problems).map((name) => ({
    kind: 'source-nat',
    guest,
    interface: name,
    address,
    // An address of the guest's own has all ports: IPsec or NTP may need just theirs.
    ...(policy.publicAddresses?.includes(address) !== true && { shared: true as const }),
  }));
}

/** Makes the source addresses of a policy in metadata claims: files, and metadata that was first, have theirs alone. */
export function claimingSources(elements: readonly Element[]): Element[] {
  return elements.map((one) => (one.kind === 'source-nat' ? { ...one, exclusive: true } : one));
}
