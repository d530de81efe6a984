import type { NicSurroundings } from '../libvirt/address-sources.ts';
import { chosen } from '../libvirt/chosen-interface.ts';
import { checkGiven, objectionTo } from '../libvirt/find-address.ts';
import { type Address, familyName, familyOf } from '../model/address.ts';
import { distinct, type Fault, policyFault } from '../model/finding.ts';
import type { GuestPolicy } from '../model/policy.ts';
import { hostFamilies } from '../system/host.ts';

/** The addresses of a guest's that its policy names for a forward or an open port, as far as the guest can have them. */
export interface NamedAddresses {
  readonly accepted: readonly Address[];
  readonly problems: readonly Fault[];
}

export function checkNamed(policy: GuestPolicy, all: readonly NicSurroundings[]): NamedAddresses {
  const named = [
    ...(policy.forwards ?? []).map(({ toAddress, interfaceChoice, text }) => ({
      address: toAddress,
      what: `forward ${text}`,
      surroundings: chosen(interfaceChoice, all),
    })),
    ...(policy.open ?? []).map(({ address, text }) => ({
      address,
      what: `open ${text}`,
      surroundings: all,
    })),
  ];
  const accepted = new Set<Address>();
  const problems: Fault[] = [];
  for (const { address, what, surroundings } of named) {
    if (address === undefined) continue;
    const why = whyNot(address, surroundings);
    if (why === undefined) accepted.add(address);
    else problems.push(policyFault(`${what} is left out: ${why}`, 'name an address of the guest'));
  }
  return { accepted: [...accepted], problems: distinct(problems) };
}

function whyNot(address: Address, surroundings: readonly NicSurroundings[]): string | undefined {
  if (!hostFamilies().includes(familyOf(address))) return `this host has no ${familyName(familyOf(address))}`;
  const found = checkGiven(address, surroundings);
  if (found.address === undefined) return found.tried.join('; ');
  const possible = surroundings.filter((around) => objectionTo(address, around, true) === undefined);
  if (surroundings.length === 0 || possible.some((around) => isCertain(address, around))) return undefined;
  const ports = possible.map(({ nic }) => nic.bridge ?? nic.tap ?? 'its interface');
  return `the policy says ${address}, and the host has no route to it through ${[...new Set(ports)].join(' or ')}`;
}

/**
 * Whether an interface that may have an address has it by what the host knows: a forward must not lead to any machine that a
 * guest's own metadata names. Before the guest starts, its port is not known.
 */
function isCertain(address: Address, { nic, network, isRouted = () => true }: NicSurroundings): boolean {
  const inNetwork =
    network?.gateways.some((gateway) => familyOf(gateway.address) === familyOf(address)) === true;
  const isUnknown = nic.bridge === undefined && nic.tap === undefined;
  return inNetwork || isUnknown || nic.addresses.includes(address) || isRouted(address);
}

/**
 * The addresses that the guest's description gives it (Xen's `ip=`, `<ip address=>`) besides those that were found: open ports
 * hold at all of them, and forwards lead to one. Where the policy gives an address, that alone counts.
 */
export function otherAddresses(
  policy: GuestPolicy,
  found: readonly Address[],
  all: readonly NicSurroundings[],
): { readonly others: readonly Address[]; readonly remarks: readonly Fault[] } {
  if (policy.addresses !== undefined || found.length === 0) return { others: [], remarks: [] };
  const described = chosen(policy.interfaceChoice, all).flatMap((around) =>
    around.nic.addresses.map((address) => ({ address, objection: objectionTo(address, around) })),
  );
  const isKnown = ({ address }: { readonly address: Address }) =>
    found.includes(address) || !hostFamilies().includes(familyOf(address));
  const rest = described.filter((one) => !isKnown(one));
  const others = new Set(
    rest.flatMap(({ address, objection }) => (objection === undefined ? [address] : [])),
  );
  return {
    others: [...others],
    remarks: [
      ...chosenRemarks(policy, found, [...others]),
      ...rest.flatMap(({ address, objection }) =>
        objection === undefined ? [] : [later(`its address ${address} does not count, ${objection}`)],
      ),
    ],
  };
}

/** Which of several addresses of a family forwards lead to. */
function chosenRemarks(policy: GuestPolicy, found: readonly Address[], others: readonly Address[]): Fault[] {
  const usual = (policy.forwards ?? []).some(
    ({ toAddress, interfaceChoice }) => toAddress === undefined && interfaceChoice === undefined,
  );
  if (!usual && policy.publicAddresses === undefined) return [];
  return found.flatMap((address): Fault[] => {
    const same = others.filter((other) => familyOf(other) === familyOf(address));
    if (same.length === 0) return [];
    return [
      {
        ...later(`it also has the address ${same.join(' and ')}: its forwards go to ${address}`),
        advice:
          'to choose another one, write it before the port in "to" of a forward, or as address into its policy',
      },
    ];
  });
}

function later(problem: string): Fault {
  return { problem, severity: 'later' };
}
