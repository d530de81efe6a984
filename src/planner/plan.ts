import { type Address, type Family, families, familyName, familyOf } from '../model/address.ts';
import type { Element, FamilyElement } from '../model/element.ts';
import { anyAddress, type HostAddress, isAny, isEverywhere, loopbackAddress } from '../model/host-address.ts';
import type { InterfaceChoice } from '../model/interface-choice.ts';
import type { Forward, GuestPolicy } from '../model/policy.ts';
import { overlap } from '../model/port.ts';
import { limits } from './limits.ts';
import { planOpen } from './plan-open.ts';
import { type PublicSide, planSourceNat } from './plan-source-nat.ts';
import { sourceFilter } from './source-filters.ts';

/** What the plan needs to know of the host. */
export interface HostView extends PublicSide {
  /** Where forwards without an address of their own are reachable; `any`: at all of the host's addresses. */
  readonly addresses: readonly Address[] | 'any';
}

/** The addresses of a guest's interfaces that forwards choose, at most one of each family. */
export type AddressesOn = (interfaceChoice: InterfaceChoice) => readonly Address[];

export interface Plan {
  readonly elements: readonly FamilyElement[];
  /** What of the policy cannot be done, and why. */
  readonly problems: readonly string[];
}

/**
 * A guest's policy as elements, family by family. Pure: the same input gives the same elements in the same order.
 *
 * @param guest its addresses, at most one of each family: what the policy says of another family is left out
 * @param on the same of the interfaces that forwards choose
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
    return planFamily(policy, family, addressFor, host, problems);
  });
  return { elements, problems: [...new Set(problems)] };
}

function planFamily(
  policy: GuestPolicy,
  family: Family,
  addressFor: (forward: Pick<Forward, 'interfaceChoice'>) => Address | undefined,
  host: HostView,
  problems: string[],
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
      // The host itself is always allowed, and nobody else gets there.
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

/** What may be in place before the guest runs: that which only restricts. */
export function restrictions(elements: readonly Element[]): Element[] {
  return elements.filter(({ kind }) => kind === 'source-filter' || kind === 'open-source-filter');
}

interface PlacedForward extends Omit<Forward, 'host'> {
  readonly host: HostAddress;
}

/** A forward without an address is one at each of the host's, or one for whichever was asked for. */
function spread(forward: Forward, family: Family, host: HostView): PlacedForward[] {
  if (forward.host !== 'any' && familyOf(forward.host) !== family) return [];
  if (!isEverywhere(forward.host)) return [forward];
  if (host.addresses === 'any') return [{ ...forward, host: anyAddress(family) }];
  return host.addresses
    .filter((address) => familyOf(address) === family)
    .map((address) => ({ ...forward, host: address }));
}

/** Forwards that the host reaches at its 127.0.0.1 too. Not at ::1: the kernel lets nothing with that address leave. */
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
): string[] {
  return (policy.forwards ?? [])
    .filter(({ loopback = policy.loopback }) => loopback === true)
    .filter((forward) => {
      const addresses = addressesFor(forward);
      return addresses.length > 0 && !addresses.some((address) => familyOf(address) === 'ip');
    })
    .map(({ text }) => `forward ${text} has loopback, which is of IPv4, and the guest has no IPv4 address`);
}

/** Where `[host]` names addresses of one family only, a guest of the other is reachable nowhere. */
function unreachable(
  policy: GuestPolicy,
  addressesFor: (forward: Forward) => readonly Address[],
  host: HostView,
): string[] {
  if (host.addresses === 'any' || host.addresses.length === 0) return [];
  return (policy.forwards ?? []).flatMap((forward) => {
    const families = addressesFor(forward)
      .map(familyOf)
      .filter((one) => forward.host === 'any' || one === familyOf(forward.host));
    const placed = families.some((family) => spread(forward, family, host).length > 0);
    return placed || families.length === 0 || !isEverywhere(forward.host)
      ? []
      : [
          `forward ${forward.text} is reachable nowhere: [host] has no ${families.map(familyName).join(' or ')} address`,
        ];
  });
}

/** The guest's own forwards must not contradict one another: the first one counts. */
function withoutRepetition(forwards: readonly PlacedForward[], problems: string[]): PlacedForward[] {
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
      problems.push(`forward ${forward.text} repeats host ports of ${other.text}`);
  }
  return kept;
}
