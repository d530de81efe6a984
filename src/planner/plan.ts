import { type Address, type Family, families, familyOf } from '../model/address.ts';
import { isAccepted, isAntispoof } from '../model/antispoof.ts';
import type { Claim } from '../model/claim.ts';
import type { Element, FamilyElement } from '../model/element.ts';
import { distinct, type Fault } from '../model/finding.ts';
import { loopbackAddress } from '../model/host-address.ts';
import type { InterfaceChoice } from '../model/interface-choice.ts';
import type { Forward, GuestPolicy } from '../model/policy.ts';
import type { HostView } from './host-view.ts';
import { limits } from './limits.ts';
import { atLoopback, spread, withoutRepetition } from './placed-forwards.ts';
import { planOpen } from './plan-open.ts';
import { planSourceNat } from './plan-source-nat.ts';
import { denied, sourceFilter } from './source-filters.ts';
import { unreachable, unreachableAtLoopback, withoutUplink } from './unreachable-forwards.ts';

/** What is known of a guest's addresses besides the usual ones. */
export interface FurtherAddresses {
  /** The addresses of the interfaces that forwards choose, at most one of each family. */
  readonly on: (choice: InterfaceChoice) => readonly Address[];
  /** Those that its description gives it besides. */
  readonly others: readonly Address[];
  /** Whether the guest can have an address that its policy names. */
  readonly has: (address: Address) => boolean;
}

const noFurther: FurtherAddresses = { on: () => [], others: [], has: () => true };

export interface Plan {
  readonly elements: readonly FamilyElement[];
  /** The parts of the policy that cannot be done, and why. */
  readonly problems: readonly Fault[];
  /** The parts that wait for something that may come later. */
  readonly remarks: readonly Fault[];
}

/**
 * A guest's policy as elements, family by family. Pure: the same input gives the same elements in the same order.
 *
 * @param guest its addresses, at most one of each family: the plan has nothing of another family
 */
export function plan(
  policy: GuestPolicy,
  guest: readonly Address[],
  host: HostView,
  { on, others, has }: FurtherAddresses = noFurther,
): Plan {
  const addressesFor = ({ interfaceChoice, toAddress }: Target) => {
    if (toAddress !== undefined) return has(toAddress) ? [toAddress] : [];
    return interfaceChoice === undefined ? guest : on(interfaceChoice);
  };
  const problems = [
    ...unreachable(policy, addressesFor, host),
    ...unreachableAtLoopback(policy, addressesFor),
  ];
  const elements = families.flatMap((family) => {
    const addressFor = (forward: Target) =>
      addressesFor(forward).find((address) => familyOf(address) === family);
    const known = [...guest, ...others].filter((address) => familyOf(address) === family);
    const planned = [
      ...planFamily(policy, family, addressFor, host, problems),
      ...planOpen(policy, family, known, has, problems),
    ];
    const from = [...(host.denyFrom ?? []), ...(policy.denyFrom ?? [])];
    return [...denied(from, family, known, planned), ...planned];
  });
  return { elements, problems: distinct(problems), remarks: withoutUplink(policy, host) };
}

/** What decides which address of the guest a forward leads to. */
type Target = Pick<Forward, 'interfaceChoice' | 'toAddress'>;

function planFamily(
  policy: GuestPolicy,
  family: Family,
  addressFor: (forward: Target) => Address | undefined,
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
    const claim = { host: at, protocol, ports };
    return [
      // Only the host itself reaches its loopback address: it is always allowed, and the guest sees the host's address.
      ...(at === loopbackAddress ? [] : sourceFilter(claim, from)),
      ...limits(claim, limited),
      { kind: 'forward' as const, ...claim, guest, to },
      ...(at === loopbackAddress ? [] : masquerade(claim, guest, forward.masquerade ?? policy.masquerade)),
    ];
  });
  const guest = addressFor({});
  if (guest === undefined) return elements;
  for (const address of (policy.publicAddresses ?? []).filter((one) => familyOf(one) === family)) {
    elements.push(...sourceFilter({ host: address }, policy.allowFrom));
    elements.push({ kind: 'one-to-one', host: address, guest });
    elements.push(...masquerade({ host: address }, guest, policy.masquerade));
  }
  elements.push(...planSourceNat(policy, guest, host, problems));
  return elements;
}

function masquerade(claim: Claim, guest: Address, wanted = false): FamilyElement[] {
  return wanted ? [{ kind: 'masquerade', claim, guest }] : [];
}

/** The elements that may be in place before the guest runs: those that only restrict. */
export function restrictions(elements: readonly Element[]): Element[] {
  return elements.filter(
    (element) =>
      element.kind === 'source-filter' ||
      element.kind === 'open-source-filter' ||
      element.kind === 'denied' ||
      element.kind === 'confined' ||
      (isAntispoof(element) && !isAccepted(element)),
  );
}
