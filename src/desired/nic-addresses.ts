import type { NicSurroundings } from '../libvirt/address-sources.ts';
import { findAddress } from '../libvirt/find-address.ts';
import type { GuestRun } from '../libvirt/interface-leases.ts';
import { type Address, type Family, familyOf } from '../model/address.ts';
import type { Guest } from '../model/guest.ts';
import { hostFamilies } from '../system/host.ts';
import { mayCome } from './address-faults.ts';
import type { Located } from './guest-addresses.ts';

/** The addresses of the interfaces that no forward needs: a guest whose sources are checked sends from these, too. */
export interface NicAddresses {
  readonly addresses: readonly Address[];
  /** The families in which one is not known now. */
  readonly unknown: readonly Family[];
  /** Whether a lease or a reservation would change any of this. */
  readonly byLease: boolean;
}

/** @param located what is known already: where it says what an interface has, nothing else is searched */
export function nicAddresses(
  guest: Guest,
  { found }: Pick<Located, 'found'>,
  surroundings: readonly NicSurroundings[],
  run: GuestRun,
  families: readonly Family[] = hostFamilies(),
): NicAddresses {
  const searched = surroundings.flatMap((around) =>
    families
      .filter(
        (family) => !found.some((one) => one.mac === around.nic.mac && familyOf(one.address) === family),
      )
      .map((family) => ({ family, result: findAddress(guest, undefined, [around], family, run) })),
  );
  const addresses = searched.flatMap(({ result }) => result.address ?? []);
  const unknown = searched.flatMap(({ family, result }) =>
    result.address !== undefined || result.refused || result.impossible ? [] : [family],
  );
  const byLease = searched.some(({ result }) =>
    result.address === undefined ? mayCome(result) : result.byDhcp === true,
  );
  return { addresses: [...new Set(addresses)], unknown: [...new Set(unknown)], byLease };
}
