import { type Address, type Family, families, familyName, familyOf, type Network } from '../model/address.ts';
import type { Element, FamilyElement } from '../model/element.ts';
import { distinct, type Fault, policyFault } from '../model/finding.ts';
import { anyAddress, type HostAddress, isAny, isEverywhere, loopbackAddress } from '../model/host-address.ts';
import type { InterfaceChoice } from '../model/interface-choice.ts';
import type { Forward, GuestPolicy } from '../model/policy.ts';
import { overlap } from '../model/port.ts';
import { limits } from './limits.ts';
import type { PublicSide } from './outgoing-interfaces.ts';
import { planOpen } from './plan-open.ts';
import { planSourceNat } from './plan-source-nat.ts';
import { denied, sourceFilter } from './source-filters.ts';

/** The facts of the host that a plan depends on. */
export interface HostView extends PublicSide {
  /** The host's addresses at which forwards without an address of their own are reachable. */
  readonly addresses: readonly Address[] | 'any';
  /** The sources that may reach no guest. */
  readonly denyFrom?: readonly Network[];
}

/** The addresses of a guest's interfaces that forwards choose, at most one of each family. */
export type AddressesOn = (choice: InterfaceChoice) => readonly Address[];

export interface Plan {
  readonly elements: readonly FamilyElement[];
  /** The parts of the policy that cannot be done, and why. */
  readonly problems: readonly Fault[];
}

/**
 * A guest's policy as elements, family by family. Pure: the same input gives the same elements in the same order.
 *
 * @param guest its addresses, at most one of each family: the plan has nothing of another family
 * @param on the addresses of the interfaces that forwards choose
 */
export function plan(
  policy: GuestPolicy,
  guest: readonly Address[],
  host: HostView,
  on: AddressesOn = () => [],
): Plan {
  const addressesFor = ({ interfaceChoice }: Pick<Forward, 'interfaceChoice'>) =>
    interfaceChoice === undefined ? guest : on(interfaceChoice);
  const problems = [
    ...unreachable(policy, addressesFor, host),
    ...unreachableAtLoopback(policy, addressesFor),
  ];
  const elements = families.flatMap((family) => {
    const addressFor = (forward: Pick<Forward, 'interfaceChoice'>) =>
      addressesFor(forward).find((address) => familyOf(address) === family);
    const planned = planFamily(policy, family, addressFor, host, problems);
    return [...denied([...(host.denyFrom ?? []), ...(policy.denyFrom ?? [])], family, planned), ...planned];
  });
  return { elements, problems: distinct(problems) };
}

function planFamily(
  policy: GuestPolicy,
  family: Family,
  addressFor: (forward: Pick<Forward, 'interfaceChoice'>) => Address | undefined,
  host: HostView,
  problems: Fault[],
): readonly FamilyElement[] {
  const forwards = (policy.forwards ?? []).flatMap((forward) => spread(forward, family, host));
  const kept = [forwards, atLoopback(policy, family)].flatMap((placed) => {
    const reachable = placed.filter((forward) => addressFor(forward) !== undefined);
    return withoutRepetition(reachable, problems);
  });
  const elements: FamilyElement[] = kept.flatMap((forward) => {
    const { host: at, protocol, ports, to, from = policy.allowFrom, ...limited } = forward;
    const guest = addressFor(forward) as Address;
    return [
      // Only the host itself reaches its loopback address, and the host is always allowed.
      ...(at === loopbackAddress ? [] : sourceFilter({ host: at, protocol, ports }, from)),
      ...limits({ host: at, protocol, ports }, limited),
      { kind: 'forward' as const, host: at, protocol, ports, guest, to },
    ];
  });
  const guest = addressFor({});
  if (guest === undefined) return elements;
  for (const address of (policy.publicAddresses ?? []).filter((one) => familyOf(one) === family)) {
    elements.push(...sourceFilter({ host: address }, policy.allowFrom));
    elements.push({ kind: 'one-to-one', host: address, guest });
  }
  elements.push(...planSourceNat(policy, guest, host, problems));
  elements.push(...planOpen(policy, guest, problems));
  return elements;
}

/** The elements that may be in place before the guest runs: those that only restrict. */
export function restrictions(elements: readonly Element[]): Element[] {
  return elements.filter(
    ({ kind }) => kind === 'source-filter' || kind === 'open-source-filter' || kind === 'denied',
  );
}

interface PlacedForward extends Omit<Forward, 'host'> {
  readonly host: HostAddress;
}

/** A forward without an address is one at each of the host's addresses, or one for any of them. */
function spread(forward: Forward, family: Family, host: HostView): PlacedForward[] {
  if (forward.host !== 'any' && familyOf(forward.host) !== family) return [];
  if (!isEverywhere(forward.host)) return [forward];
  if (host.addresses === 'any') return [{ ...forward, host: anyAddress(family) }];
  return host.addresses
    .filter((address) => familyOf(address) === family)
    .map((address) => ({ ...forward, host: address }));
}

/** Forwards that the host reaches at its 127.0.0.1 too. Not at ::1: the kernel drops packets that leave with that address. */
function atLoopback(policy: GuestPolicy, family: Family): PlacedForward[] {
  if (family !== 'ip') return [];
  return (policy.forwards ?? [])
    .filter(({ host, loopback = policy.loopback }) => loopback === true && isOfIp(host))
    .map((forward) => ({ ...forward, host: loopbackAddress }));
}

function isOfIp(host: Forward['host']): boolean {
  return host === 'any' || familyOf(host) === 'ip';
}

function unreachableAtLoopback(
  policy: GuestPolicy,
  addressesFor: (forward: Forward) => readonly Address[],
): Fault[] {
  return (policy.forwards ?? [])
    .filter(({ loopback = policy.loopback }) => loopback === true)
    .filter((forward) => {
      const addresses = addressesFor(forward);
      return addresses.length > 0 && !addresses.some((address) => familyOf(address) === 'ip');
    })
    .map(({ text }) =>
      policyFault(`forward ${text} is not reachable at 127.0.0.1: the guest has no IPv4 address`),
    );
}

/** If `[host]` names addresses of one family only, a guest of the other one is not reachable. */
function unreachable(
  policy: GuestPolicy,
  addressesFor: (forward: Forward) => readonly Address[],
  host: HostView,
): Fault[] {
  if (host.addresses === 'any' || host.addresses.length === 0) return [];
  return (policy.forwards ?? []).flatMap((forward) => {
    const families = addressesFor(forward)
      .map(familyOf)
      .filter((one) => forward.host === 'any' || one === familyOf(forward.host));
    const placed = families.some((family) => spread(forward, family, host).length > 0);
    return placed || families.length === 0 || !isEverywhere(forward.host)
      ? []
      : [
          policyFault(
            `forward ${forward.text} is not reachable: [host] has no ${families.map(familyName).join(' or ')} address`,
          ),
        ];
  });
}

/** The guest's own forwards must not contradict one another: the first one counts. */
function withoutRepetition(forwards: readonly PlacedForward[], problems: Fault[]): PlacedForward[] {
  const kept: PlacedForward[] = [];
  for (const forward of forwards) {
    const other = kept.find(
      (one) =>
        one.protocol === forward.protocol &&
        overlap(one.ports, forward.ports) &&
        (one.host === forward.host || isAny(one.host) || isAny(forward.host)),
    );
    if (other === undefined) kept.push(forward);
    else if (other.text !== forward.text)
      problems.push(policyFault(`forward ${forward.text} repeats host ports of ${other.text}`));
  }
  return kept;
}
