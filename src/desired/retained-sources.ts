import { baseOf, familyOf } from '../model/address.ts';
import { type AntispoofElement, isAntispoof } from '../model/antispoof.ts';
import type { Element } from '../model/element.ts';
import type { GuestRecord } from '../state/records.ts';
import type { DesiredState } from './desired-state.ts';

/**
 * The elements, in which a checked port still sends from the addresses that it had, in the families in which the guest's address is not
 * known now: a lease that has ended cuts no guest off.
 */
export function withRetainedSources(
  { elements, unknown, unknownOn = [] }: Pick<DesiredState, 'elements' | 'unknown' | 'unknownOn'>,
  before: Pick<GuestRecord, 'elements' | 'givenAddresses'>,
): readonly Element[] {
  const lost = [...unknown, ...unknownOn.flatMap(({ families }) => families)];
  if (lost.length === 0) return elements;
  const ports = before.elements.filter(isAntispoof);
  return elements.map((element) => {
    if (!isAntispoof(element) || element.unaccepted !== true) return element;
    const had = ports.find(({ port, mac }) => port === element.port && mac === element.mac);
    return withSources(element, had, (address) => {
      const isGiven = (before.givenAddresses ?? []).includes(address);
      return lost.includes(familyOf(address)) && !isGiven;
    });
  });
}

function withSources(
  element: AntispoofElement,
  had: AntispoofElement | undefined,
  isKept: (address: string) => boolean,
): AntispoofElement {
  const { sources = [] } = element;
  const kept = (had?.sources ?? []).filter((one) => !sources.includes(one) && isKept(baseOf(one)));
  return kept.length === 0 ? element : { ...element, sources: [...kept, ...sources] };
}
