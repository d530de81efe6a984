import { type Address, contains, type Family, families, familyOf } from '../model/address.ts';
import type { Guest } from '../model/guest.ts';
import type { GuestPolicy } from '../model/policy.ts';
import type { HostView } from './host-view.ts';

/**
 * The policy of a guest whose own connections leave with the host's address: with the first address of the public side, in each family
 * in which the guest has an address and its policy names none for that. Pure.
 *
 * @param host is asked by addresses that no interface has, so that it names the public side: a plan that notes its answers is made again
 * when that changes
 */
export function withHostSource(guest: Guest, policy: GuestPolicy, host: HostView): GuestPolicy {
  if (guest.nat !== true) return policy;
  const own = new Set([...guest.nics.flatMap(({ addresses }) => addresses), ...(policy.addresses ?? [])]);
  const named = [...(policy.snat ?? []), ...(policy.publicAddresses ?? [])].map(familyOf);
  const missing = families.filter(
    (family) => !named.includes(family) && [...own].some((address) => familyOf(address) === family),
  );
  const added = missing.flatMap((family) => publicAddress(family, host) ?? []);
  return added.length === 0 ? policy : { ...policy, snat: [...(policy.snat ?? []), ...added] };
}

/** The unspecified addresses: no interface has them. */
const unheld: Readonly<Record<Family, Address>> = { ip: '0.0.0.0', ip6: '::' };

/** Of several, an address that others can answer to: IPv6 has unique local ones beside those. */
function publicAddress(family: Family, host: HostView): Address | undefined {
  const held = host
    .interfacesOf(unheld[family])
    .flatMap((name) => host.addressesOn(name).filter((address) => familyOf(address) === family));
  return held.find((address) => !contains('fc00::/7', address)) ?? held[0];
}
