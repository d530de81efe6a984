import type { NicSurroundings } from '../libvirt/address-sources.ts';
import { chosen, describeMissing } from '../libvirt/chosen-interface.ts';
import { type AddressKnown, type AddressMissing, findAddress } from '../libvirt/find-address.ts';
import type { GuestRun } from '../libvirt/interface-leases.ts';
import { type Address, type Family, families, familyName, familyOf } from '../model/address.ts';
import { distinct, type Fault, policyFault } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import { type InterfaceChoice, interfaceChoiceKey } from '../model/interface-choice.ts';
import type { Forward, GuestPolicy } from '../model/policy.ts';
import { familiesWanted } from '../planner/families.ts';
import type { GuestAddress } from '../state/records.ts';
import { hostFamilies } from '../system/host.ts';
import { addressFaults, leaseFaults, mayCome, reservationRemarks } from './address-faults.ts';
import { checkNamed, otherAddresses } from './named-addresses.ts';

/** A guest's addresses, as far as its policy needs them: the usual ones, and those of the interfaces that forwards choose. */
export interface Located extends LocatedOnce {
  /** The addresses that forwards and open ports name, and that the guest can have. */
  readonly named: readonly Address[];
  /** The addresses that its description gives it besides those that were found. */
  readonly others: readonly Address[];
  readonly interfaces: readonly (LocatedOnce & { readonly choice: InterfaceChoice })[];
}

interface LocatedOnce {
  /** At most one of each family, IPv4 first. */
  readonly found: readonly GuestAddress[];
  /** The addresses that the policy needs and that were not found, with the places that were searched. */
  readonly problems: readonly Fault[];
  /** The families whose address is not known now: a lease may have ended. The guest keeps what it has in them. */
  readonly unknown: readonly Family[];
  /** Whether a lease or a reservation that is new or changed would change any of this. */
  readonly byLease: boolean;
  /** Reservations that the guest does not use yet: no fault. */
  readonly remarks: readonly Fault[];
}

/**
 * Finds the addresses that a policy needs: in the families in which it names an address of the host, and, where a part of it
 * holds for any address, in each family in which the guest has one.
 */
export function locateGuest(
  guest: Guest,
  policy: GuestPolicy,
  surroundings: readonly NicSurroundings[],
  run: GuestRun,
): Located {
  const forwards = policy.forwards ?? [];
  const usual = {
    ...policy,
    forwards: forwards.filter(({ interfaceChoice }) => interfaceChoice === undefined),
  };
  const located = locateOn(guest, usual, policy.interfaceChoice, surroundings, run);
  const interfaces = byInterface(forwards).map(([choice, own]) => {
    const addresses = givenOn(choice, guest, policy, surroundings, run);
    const part = { forwards: own, ...(addresses.length > 0 && { addresses }) };
    return { choice, ...locateOn(guest, part, choice, surroundings, run) };
  });
  const named = checkNamed(policy, surroundings);
  const found = located.found.map(({ address }) => address);
  const further = otherAddresses(policy, found, surroundings);
  const all = [located, ...interfaces];
  return {
    ...located,
    named: named.accepted,
    others: further.others,
    problems: distinct([...all.flatMap(({ problems }) => problems), ...named.problems]),
    remarks: distinct([...all.flatMap(({ remarks }) => remarks), ...further.remarks]),
    byLease: all.some(({ byLease }) => byLease),
    interfaces,
  };
}

/** The forwards that choose an interface, by the interface. */
function byInterface(forwards: readonly Forward[]): [choice: InterfaceChoice, forwards: Forward[]][] {
  const interfaces = new Map<string, [InterfaceChoice, Forward[]]>();
  for (const forward of forwards) {
    if (forward.interfaceChoice === undefined || forward.toAddress !== undefined) continue;
    const own = interfaces.get(interfaceChoiceKey(forward.interfaceChoice));
    if (own === undefined)
      interfaces.set(interfaceChoiceKey(forward.interfaceChoice), [forward.interfaceChoice, [forward]]);
    else own[1].push(forward);
  }
  return [...interfaces.values()];
}

/** The addresses that the policy gives the guest, as far as this interface has them. */
function givenOn(
  choice: InterfaceChoice,
  guest: Guest,
  policy: GuestPolicy,
  surroundings: readonly NicSurroundings[],
  run: GuestRun,
): Address[] {
  const interfaces = chosen(choice, surroundings);
  return (policy.addresses ?? []).filter((address) => {
    const usual = chosen(policy.interfaceChoice, surroundings);
    const found = findAddress(guest, address, usual, familyOf(address), run);
    return found.address !== undefined && interfaces.some(({ nic }) => nic === found.nic);
  });
}

/** @param choice the interface; undefined: any, one after the other */
function locateOn(
  guest: Guest,
  policy: GuestPolicy,
  choice: InterfaceChoice | undefined,
  all: readonly NicSurroundings[],
  run: GuestRun,
): LocatedOnce {
  const { named, whichever } = familiesWanted(policy);
  const surroundings = chosen(choice, all);
  if (choice !== undefined && surroundings.length === 0) {
    const problems = whichever || named.length > 0 ? [policyFault(describeMissing(choice, all))] : [];
    return { found: [], problems, unknown: [], byLease: false, remarks: [] };
  }
  const found: AddressKnown[] = [];
  const missing = new Map<Family, AddressMissing>();
  for (const family of families.filter((one) => whichever || named.includes(one))) {
    if (!hostFamilies().includes(family)) {
      missing.set(family, {
        tried: [`this host has no ${familyName(family)}`],
        refused: false,
        impossible: true,
      });
      continue;
    }
    const given = policy.addresses?.find((address) => familyOf(address) === family);
    const one = findAddress(guest, given, surroundings, family, run);
    if (one.address === undefined) missing.set(family, one);
    else found.push(one);
  }
  return {
    found: found.map(asRecorded),
    problems: [
      ...addressFaults(
        { missing, isFound: found.length > 0, named },
        expectsIpv4(policy, surroundings),
        choice,
      ),
      ...leaseFaults(found),
    ],
    unknown: [...missing].flatMap(([family, { refused, impossible }]) =>
      refused || impossible ? [] : [family],
    ),
    byLease:
      policy.addresses === undefined &&
      (found.some(({ byDhcp }) => byDhcp) || [...missing.values()].some(mayCome)),
    remarks: reservationRemarks(found),
  };
}

function asRecorded({ address, source, nic }: AddressKnown): GuestAddress {
  return { address, source, ...(nic?.mac !== undefined && { mac: nic.mac }) };
}

/** libvirt's networks that have IPv4 give each guest an address of it, unless the policy gives another one. */
function expectsIpv4(policy: GuestPolicy, surroundings: readonly NicSurroundings[]): boolean {
  if (policy.addresses !== undefined) return false;
  return surroundings.some(({ network }) =>
    network?.gateways.some(({ address }) => familyOf(address) === 'ip'),
  );
}
