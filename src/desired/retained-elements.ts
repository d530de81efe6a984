import { type Address, type Family, familyOf } from '../model/address.ts';
import { type Element, elementKey, familyOfElement } from '../model/element.ts';
import { claimOf } from '../model/element-claims.ts';
import { isSameInterfaceChoice } from '../model/interface-choice.ts';
import { Overlaps } from '../planner/overlaps.ts';
import type { GuestRecord } from '../state/records.ts';
import type { DesiredState } from './desired-state.ts';

/**
 * The elements that a guest keeps while its address is not known. It does not keep elements of an address that its policy
 * gave and no longer gives, nor a forward whose port the policy now gives another target.
 */
export function retainedElements(desired: DesiredState, before: GuestRecord): readonly Element[] {
  const { unknown, unknownOn = [] } = desired;
  if (unknown.length === 0 && unknownOn.length === 0) return [];
  const { isUnknown, isKept } = addressesKept(desired, before);
  const wanted = new Overlaps<Element>();
  for (const element of desired.elements) {
    const claim = claimOf(element);
    if (claim !== undefined) wanted.add(claim, element);
  }
  const stays = (element: Element) => {
    // What confines an address that stays is planned from the present policy: see `retained-sources.ts`.
    if (element.kind === 'confined') return false;
    if (!('guest' in element) || !isKept(element.guest)) return false;
    const claim = claimOf(element);
    return claim === undefined || wanted.first(claim) === undefined;
  };
  const claims = (elements: readonly Element[]) =>
    new Set(elements.flatMap((element) => JSON.stringify(claimOf(element)) ?? []));
  const [had, kept] = [claims(before.elements), claims(before.elements.filter(stays))];
  const wantedKeys = new Set(desired.elements.map(elementKey));
  const keptFamilies = new Set(before.elements.filter(stays).map(familyOfElement));
  return before.elements.filter((element) => {
    if (wantedKeys.has(elementKey(element))) return false;
    if (element.kind === 'inside') return keptFamilies.has(familyOfElement(element));
    if (element.kind !== 'source-filter') return stays(element);
    const claim = JSON.stringify(element.claim);
    return kept.has(claim) || (!had.has(claim) && isUnknown(familyOfElement(element)));
  });
}

function addressesKept({ unknown, unknownOn = [] }: DesiredState, before: GuestRecord) {
  const { address, otherAddress, interfaceAddresses = [], givenAddresses = [] } = before;
  const usual = [address, otherAddress?.address].filter((one) => one !== undefined);
  const given = usual.filter((one) => givenAddresses.includes(one)).map(familyOf);
  const ofInterfaces = interfaceAddresses.flatMap(({ choice, addresses }) =>
    addresses.map((one) => ({ choice, ...one })),
  );
  const onInterfaces = ofInterfaces.filter(({ choice, address }) =>
    unknownOn.some(
      (one) =>
        isSameInterfaceChoice(one.choice, choice) &&
        one.families.includes(familyOf(address)) &&
        !givenAddresses.includes(address),
    ),
  );
  const isUnknown = (family: Family) => unknown.includes(family) && !given.includes(family);
  const isUsual = (guest: Address) =>
    usual.includes(guest) ||
    (!ofInterfaces.some((one) => one.address === guest) && !givenAddresses.includes(guest));
  const isKept = (guest: Address) =>
    onInterfaces.some((one) => one.address === guest) || (isUnknown(familyOf(guest)) && isUsual(guest));
  return { isUnknown, isKept };
}
