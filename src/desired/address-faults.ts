import type { AddressKnown, AddressMissing } from '../libvirt/find-address.ts';
import type { Address, Family } from '../model/address.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import { describeInterfaceChoice, type InterfaceChoice } from '../model/interface-choice.ts';

/** The result of searching a guest's addresses. */
interface Search {
  readonly missing: ReadonlyMap<Family, AddressMissing>;
  readonly isFound: boolean;
  /** The families in which the policy names an address of the host. */
  readonly named: readonly Family[];
}

/**
 * The addresses that a policy needs and that were not found, with the places that were searched.
 *
 * @param ipv4Expected whether a network of the guest has IPv4
 * @param choice the interface that was searched; undefined: any
 */
export function addressFaults(
  search: Search,
  ipv4Expected: boolean,
  choice: InterfaceChoice | undefined,
): Fault[] {
  return needed(search, ipv4Expected).map(({ what, among }) =>
    notFound(
      choice === undefined
        ? `its ${what}`
        : `the ${what} of its interface ${describeInterfaceChoice(choice)}`,
      among,
    ),
  );
}

/** Several clients ask at one interface, or one under several names: this host cannot see which address answers. */
export function leaseFaults(found: readonly AddressKnown[]): Fault[] {
  return found.flatMap(({ address, nic, otherLeases }): Fault[] => {
    if (otherLeases === undefined) return [];
    const all = [address, ...otherLeases].sort().join(', ');
    return [
      {
        kind: 'several-leases',
        ...policyFault(
          `its interface ${nic?.mac ?? ''} has several DHCP leases (${all}): its forwards go to ${address}`,
          'if that is not the address that it uses, give the right one as address = "..." in its policy; if another guest may have asked with its MAC address, reserve an address for it, and let libvirt filter what guests send (<filterref filter="clean-traffic"/>)',
        ),
      },
    ];
  });
}

/** Reservations that differ from the lease that the guest has: it gets them when it asks again. */
export function reservationRemarks(found: readonly AddressKnown[]): Fault[] {
  return found.flatMap(({ address, reserved }): Fault[] =>
    reserved === undefined ? [] : [{ problem: describeReserved(address, reserved), severity: 'later' }],
  );
}

function describeReserved(address: Address, reserved: Address): string {
  return `DHCP reserves ${reserved} for it, and it still has the lease of ${address}: its forwards go there until it gets another one`;
}

/** An address that was not found, and what is known of the search. */
interface NotFound {
  readonly what: 'address' | 'IPv6 address';
  readonly among: readonly AddressMissing[];
}

/** A guest with an address of the other family needs none of this one, unless its policy names this one, or libvirt gives one. */
function needed({ missing, isFound, named }: Search, ipv4Expected: boolean): NotFound[] {
  if (!isFound && named.length === 0 && missing.size > 0)
    return [{ what: 'address', among: [...missing.values()] }];
  return [...missing].flatMap(([family, one]) => {
    const isNeeded = named.includes(family) || (family === 'ip' && ipv4Expected);
    const what = family === 'ip' ? 'address' : 'IPv6 address';
    return isNeeded || one.refused ? [{ what, among: [one] }] : [];
  });
}

function notFound(sought: string, among: readonly AddressMissing[]): Fault {
  const tried = new Set(among.flatMap((one) => one.tried));
  const fault = policyFault(`${sought} is not known: ${[...tried].join('; ')}`, adviceOn(among));
  return among.some(mayCome) ? { kind: 'no-address', ...fault } : fault;
}

/** Whether a lease or a reservation could still give the address: guestgate follows them then. */
export function mayCome({ impossible, noInterface, noDhcp }: AddressMissing): boolean {
  return impossible !== true && noInterface !== true && noDhcp === undefined;
}

function adviceOn(missing: readonly AddressMissing[]): string {
  const give = 'give it as address = "..." in its policy';
  if (missing.some(({ noInterface }) => noInterface))
    return `attach an interface: virsh attach-interface; where the guest has an address all the same, ${give}`;
  const noDhcp = missing.map((one) => one.noDhcp);
  if (noDhcp.includes('foreign-dhcp'))
    return `${give}: libvirt gives no addresses on its bridge, and guestgate does not see the leases of another DHCP server`;
  if (noDhcp.includes('off-host'))
    return `its interface is on no bridge of this host: attach it to a libvirt network or a bridge; with passt or user-mode networking, forward ports by <portForward> in the domain XML; if this host has a route to the guest, ${give}`;
  const advice = `${give}, or reserve one: virsh net-update NETWORK add ip-dhcp-host`;
  return missing.some(mayCome)
    ? `forwards are added when the guest gets a DHCP lease; to know it before, ${advice}`
    : advice;
}
