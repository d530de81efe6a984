import { isInPortTables } from '../model/antispoof.ts';
import type { Element } from '../model/element.ts';
import { isSameGuest } from '../model/guest.ts';
import type { GuestRecord } from '../state/records.ts';
import type { DesiredState } from './desired-state.ts';
import { retainedElements } from './retained-elements.ts';
import { withRetainedSources } from './retained-sources.ts';

/** The elements that a guest should have, given what it has: it keeps what it has where its address is not known now. Another guest's of its name stays nowhere. */
export function desiredElements(desired: DesiredState, before: GuestRecord | undefined): readonly Element[] {
  if (before === undefined || !isSameGuest(before.guest, desired.guest)) return desired.elements;
  const elements = withRetainedSources(desired, before);
  // Its ports need the same whatever is not certain.
  if (!desired.certain)
    return [
      ...before.elements.filter((element) => !isInPortTables(element)),
      ...elements.filter(isInPortTables),
    ];
  const kept = retainedElements(desired, before);
  return kept.length === 0 ? elements : [...elements, ...kept];
}
