import { addressSources, type NicSurroundings } from '../libvirt/address-sources.ts';
import { objectionTo } from '../libvirt/find-address.ts';
import type { GuestRun } from '../libvirt/interface-leases.ts';
import { type Address, contains, families } from '../model/address.ts';
import type { Guest } from '../model/guest.ts';

/**
 * The addresses that the host knows a guest to have: a lease, a reservation, or its description within a libvirt network gives
 * them, and no lease or reservation gives them to another guest. Pure.
 */
export function verifiedAddresses(
  guest: Guest,
  surroundings: readonly NicSurroundings[],
  run: GuestRun,
): Address[] {
  const found = surroundings.flatMap((around) =>
    families.flatMap((family) =>
      addressSources(guest, around, family, run).flatMap(({ kind, addresses }) =>
        addresses.filter((address) => kind !== 'xml' || isDescribed(address, around, run.now)),
      ),
    ),
  );
  return [...new Set(found)].filter((address) =>
    surroundings.some((around) => objectionTo(address, around) === undefined),
  );
}

/** The same surroundings without the addresses that only the description of a guest knows of. */
export function withVerifiedOnly(
  surroundings: readonly NicSurroundings[],
  isVerified: (address: Address) => boolean,
): NicSurroundings[] {
  return surroundings.map((around) => ({
    ...around,
    nic: { ...around.nic, addresses: around.nic.addresses.filter(isVerified) },
  }));
}

/** Whether a description may give its interface this address: its network is libvirt's, and DHCP gives it to no other guest. */
function isDescribed(
  address: Address,
  { nic, network, hostsFile, leases }: NicSurroundings,
  now: number,
): boolean {
  const inNetwork = network?.gateways.some((gateway) => contains(gateway.network, address)) === true;
  const valid = (leases?.list ?? []).filter(({ expires }) => expires === undefined || expires > now);
  const given = [...(network?.reservations ?? []), ...(hostsFile?.entries ?? []), ...valid];
  return inNetwork && !given.some((one) => one.address === address && one.mac !== nic.mac);
}
