import { type Address, familyOf } from '../model/address.ts';
import type { FamilyElement } from '../model/element.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import type { GuestPolicy } from '../model/policy.ts';
import { quoted } from '../model/problem.ts';

export interface PublicSide {
  /** The interfaces that connections with this source address leave through: the public side. */
  readonly interfacesOf: (address: Address) => readonly string[];
}

/** What the guest's own connections leave with: the first address of its family that the policy names. */
export function planSourceNat(
  policy: GuestPolicy,
  guest: Address,
  host: PublicSide,
  problems: string[],
): FamilyElement[] {
  const named = [...(policy.snat ?? []), ...(policy.publicAddresses ?? [])];
  const address = named.find((one) => familyOf(one) === familyOf(guest));
  if (address === undefined) return [];
  const interfaces = host.interfacesOf(address);
  if (interfaces.length === 0) {
    problems.push(
      `${address} is on no interface and there is no default route, so the guest cannot leave with it: set interface in [host]`,
    );
  }
  return interfaces.flatMap((name) => {
    if (isInterfaceName(name)) return [{ kind: 'source-nat', guest, interface: name, address }];
    problems.push(
      `${quoted(name)} is an interface name that no rule can hold: rename it, or set interface in [host]`,
    );
    return [];
  });
}
