import { chosen, describeMissing } from '../libvirt/chosen-interface.ts';
import { type AddressMissing, findAddress, type NicSurroundings } from '../libvirt/find-address.ts';
import { type Address, type Family, families, familyName, familyOf } from '../model/address.ts';
import { distinct, type Fault, policyFault } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import {
  describeInterfaceChoice,
  type InterfaceChoice,
  interfaceChoiceKey,
} from '../model/interface-choice.ts';
import type { Forward, GuestPolicy } from '../model/policy.ts';
import { familiesWanted } from '../planner/families.ts';
import type { GuestAddress } from '../state/records.ts';
import { hostFamilies } from '../system/host.ts';

/** A guest's addresses, as far as its policy needs them: the usual ones, and those of the interfaces that forwards choose. */
export interface Located extends LocatedOnce {
  readonly interfaces: readonly (LocatedOnce & { readonly choice: InterfaceChoice })[];
}

interface LocatedOnce {
  /** At most one of each family, IPv4 first. */
  readonly found: readonly GuestAddress[];
  /** The addresses that the policy needs and that were not found, with the places that were searched. */
  readonly problems: readonly Fault[];
  /** The families whose address is not known now: a lease may have ended. The guest keeps what it has in them. */
  readonly unknown: readonly Family[];
  /** Whether a new or changed lease would change any of this. */
  readonly byLease: boolean;
}

/**
 * Finds the addresses that a policy needs: in the families in which it names an address of the host, and, where a part of it
 * holds for any address, in each family in which the guest has one.
 */
export function locateGuest(
  guest: Guest,
  policy: GuestPolicy,
  surroundings: readonly NicSurroundings[],
): Located {
  const forwards = policy.forwards ?? [];
  const usual = {
    ...policy,
    forwards: forwards.filter(({ interfaceChoice }) => interfaceChoice === undefined),
  };
  const located = locateOn(guest, usual, policy.interfaceChoice, surroundings);
  const interfaces = byInterface(forwards).map(([choice, own]) => {
    const addresses = givenOn(choice, guest, policy, surroundings);
    const part = { forwards: own, ...(addresses.length > 0 && { addresses }) };
    return { choice, ...locateOn(guest, part, choice, surroundings) };
  });
  return {
    ...located,
    problems: distinct([located, ...interfaces].flatMap(({ problems }) => problems)),
    byLease: [located, ...interfaces].some(({ byLease }) => byLease),
    interfaces,
  };
}

/** The forwards that choose an interface, by the interface. */
function byInterface(forwards: readonly Forward[]): [choice: InterfaceChoice, forwards: Forward[]][] {
  const interfaces = new Map<string, [InterfaceChoice, Forward[]]>();
  for (const forward of forwards) {
    if (forward.interfaceChoice === undefined) continue;
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
): Address[] {
  const interfaces = chosen(choice, surroundings);
  return (policy.addresses ?? []).filter((address) => {
    const usual = chosen(policy.interfaceChoice, surroundings);
    const found = findAddress(guest, address, usual, familyOf(address), 0);
    return found.address !== undefined && interfaces.some(({ nic }) => nic === found.nic);
  });
}

/** @param choice the interface; undefined: any, one after the other */
function locateOn(
  guest: Guest,
  policy: GuestPolicy,
  choice: InterfaceChoice | undefined,
  all: readonly NicSurroundings[],
): LocatedOnce {
  const { named, whichever } = familiesWanted(policy);
  const surroundings = chosen(choice, all);
  if (choice !== undefined && surroundings.length === 0) {
    const problems = whichever || named.length > 0 ? [policyFault(describeMissing(choice, all))] : [];
    return { found: [], problems, unknown: [], byLease: false };
  }
  const now = Date.now() / 1000;
  const found: GuestAddress[] = [];
  const missing = new Map<Family, AddressMissing>();
  let leased = false;
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
    const one = findAddress(guest, given, surroundings, family, now);
    if (one.address === undefined) missing.set(family, one);
    else {
      const mac = one.nic?.mac;
      leased ||= one.byLease === true;
      found.push({ address: one.address, source: one.source, ...(mac !== undefined && { mac }) });
    }
  }
  return {
    found,
    problems: problemsOf(missing, found, named, expectsIpv4(policy, surroundings)).map(({ what, among }) =>
      notFound(
        choice === undefined
          ? `its ${what}`
          : `the ${what} of its interface ${describeInterfaceChoice(choice)}`,
        among,
      ),
    ),
    unknown: [...missing].flatMap(([family, { refused, impossible }]) =>
      refused || impossible ? [] : [family],
    ),
    byLease: policy.addresses === undefined && (leased || [...missing.values()].some(mayCome)),
  };
}

/** An address that was not found, and what is known of the search. */
interface NotFound {
  readonly what: 'address' | 'IPv6 address';
  readonly among: readonly AddressMissing[];
}

/** A guest with an address of the other family needs none of this one, unless its policy names this one, or libvirt gives one. */
function problemsOf(
  missing: ReadonlyMap<Family, AddressMissing>,
  found: readonly GuestAddress[],
  named: readonly Family[],
  ipv4Expected: boolean,
): NotFound[] {
  if (found.length === 0 && named.length === 0 && missing.size > 0)
    return [{ what: 'address', among: [...missing.values()] }];
  return [...missing].flatMap(([family, one]) => {
    const needed = named.includes(family) || (family === 'ip' && ipv4Expected);
    const what = family === 'ip' ? 'address' : 'IPv6 address';
    return needed || one.refused ? [{ what, among: [one] }] : [];
  });
}

/** libvirt's networks that have IPv4 give each guest an address of it, unless the policy gives another one. */
function expectsIpv4(policy: GuestPolicy, surroundings: readonly NicSurroundings[]): boolean {
  if (policy.addresses !== undefined) return false;
  return surroundings.some(({ network }) =>
    network?.gateways.some(({ address }) => familyOf(address) === 'ip'),
  );
}

function notFound(sought: string, among: readonly AddressMissing[]): Fault {
  const tried = new Set(among.flatMap((one) => one.tried));
  return policyFault(`${sought} is not known: ${[...tried].join('; ')}`, adviceOn(among));
}

/** Whether a lease could still give the address: guestgate follows the leases then. */
function mayCome({ impossible, noInterface }: AddressMissing): boolean {
  return impossible !== true && noInterface !== true;
}

function adviceOn(missing: readonly AddressMissing[]): string {
  const give = 'give it as address = "..." in its policy';
  if (missing.some(({ noInterface }) => noInterface))
    return `attach an interface: virsh attach-interface; where the guest has an address all the same, ${give}`;
  const advice = `${give}, or reserve one: virsh net-update NETWORK add ip-dhcp-host`;
  return missing.some(mayCome)
    ? `forwards are added when the guest gets a DHCP lease; to know it before, ${advice}`
    : advice;
}
