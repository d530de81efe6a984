import { type Address, baseOf, familyOf } from '../model/address.ts';
import { type AntispoofElement, isAntispoof } from '../model/antispoof.ts';
import type { Element } from '../model/element.ts';
import { confined } from '../planner/plan-access.ts';
import type { GuestRecord } from '../state/records.ts';
import type { DesiredState } from './desired-state.ts';

/**
 * The elements, in which a checked port still sends from the addresses that it had, in the families in which the guest's address is not
 * known now, confined as the policy says now: a lease that has ended cuts no guest off.
 */
export function withRetainedSources(
  desired: Pick<DesiredState, 'elements' | 'unknown' | 'unknownOn' | 'unknownAtPorts' | 'confinement'>,
  before: Pick<GuestRecord, 'elements' | 'givenAddresses'>,
): readonly Element[] {
  const { elements, unknown, unknownOn = [], unknownAtPorts = [], confinement } = desired;
  const lost = [...unknown, ...unknownAtPorts, ...unknownOn.flatMap(({ families }) => families)];
  if (lost.length === 0) return elements;
  const ports = before.elements.filter(isAntispoof);
  const kept = new Set<Address>();
  const together = elements.map((element) => {
    if (!isAntispoof(element) || element.unaccepted !== true) return element;
    const had = ports.find(({ port, mac }) => port === element.port && mac === element.mac);
    return withSources(element, had, kept, (address) => {
      const isGiven = (before.givenAddresses ?? []).includes(address);
      return lost.includes(familyOf(address)) && !isGiven;
    });
  });
  const { access } = confinement ?? {};
  if (confinement === undefined || (access !== 'inbound' && access !== 'host')) return together;
  return [...together, ...[...kept].map((address) => confined(address, access, confinement))];
}

/** @param kept gets the addresses that were added */
function withSources(
  element: AntispoofElement,
  had: AntispoofElement | undefined,
  kept: Set<Address>,
  isKept: (address: Address) => boolean,
): AntispoofElement {
  const { sources } = element;
  if (sources === undefined) return element;
  const added = (had?.sources ?? []).filter((one) => !sources.includes(one) && isKept(baseOf(one)));
  for (const network of added) kept.add(baseOf(network));
  return added.length === 0 ? element : { ...element, sources: [...added, ...sources] };
}
