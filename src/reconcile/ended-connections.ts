import type { Address } from '../model/address.ts';
import { elementsWithout } from '../model/difference.ts';
import { familyOfElement } from '../model/element.ts';
import { isDenied } from '../planner/denied-flows.ts';
import { isEnded, isStale } from '../planner/ended-flows.ts';
import { canHaveStaleFlows, isDenial } from '../planner/stale-flows.ts';
import type { GuestRecord } from '../state/records.ts';
import { endFlows } from '../system/flows.ts';
import { interfaceAddresses } from '../system/uplinks.ts';

/**
 * Ends the connections of removed elements, those of sources that are not admitted any more, and flows that began before an element was
 * added: these would keep their translation. Connections of other guests, and of forwards that stay, survive. Call it after the kernel's rules have
 * changed.
 *
 * @param mark guestgate's bit of `ct mark`
 * @param keep only what keeps the translation of an earlier time ends
 */
export function endOldFlows(
  changes: readonly { readonly before: GuestRecord | undefined; readonly settled: GuestRecord }[],
  mark: number,
  keep = false,
): void {
  const ending = keep ? [] : changes;
  const removed = ending.flatMap(({ before, settled }) =>
    elementsWithout(before?.elements ?? [], settled.elements).filter((element) => 'guest' in element),
  );
  const added = changes.flatMap(({ before, settled }) =>
    elementsWithout(settled.elements, before?.elements ?? []).filter(canHaveStaleFlows),
  );
  const denials = ending.flatMap(({ before, settled: { elements } }) => {
    const added = before === undefined ? [] : elementsWithout(elements, before.elements).filter(isDenial);
    return added.length === 0 ? [] : [{ added, elements }];
  });
  for (const family of ['ip', 'ip6'] as const) {
    const denialsHere = denials.filter(({ added: own }) =>
      own.some((element) => familyOfElement(element) === family),
    );
    if (denialsHere.length > 0) {
      const isOwn = ownAddresses();
      endFlows(family, mark, (flow) =>
        denialsHere.some(({ added: own, elements }) => isDenied(flow, own, elements, isOwn)),
      );
    }
    const removedHere = removed.filter((element) => familyOfElement(element) === family);
    if (removedHere.length > 0) endFlows(family, mark, (flow) => isEnded(flow, removedHere));
    const addedHere = added.filter((element) => familyOfElement(element) === family);
    if (addedHere.length === 0) continue;
    const isOwn = ownAddresses();
    endFlows(family, undefined, (flow) => isStale(flow, addedHere, isOwn));
  }
}

function ownAddresses(): (address: Address) => boolean {
  const addresses = new Set(interfaceAddresses().map(({ address }) => address));
  return (address) => addresses.has(address);
}
