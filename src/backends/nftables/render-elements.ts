import { type FamilyElement, familyOfElement } from '../../model/element.ts';
import type { NetworkElement } from '../../model/network-element.ts';
import type { Labelled } from '../backend.ts';
import { label } from '../names.ts';
import { entriesOf } from './entries.ts';
import type { TableEntry } from './entry.ts';
import { renderLimits } from './limits.ts';
import { renderAdditions } from './statements.ts';

export function labelled(elements: readonly FamilyElement[], label: string): Labelled[] {
  return elements.map((element) => ({ element, label }));
}

/** An entry for an absent guest shows its name, as the guests' entries do. */
export function labelledNetwork(element: NetworkElement): Labelled {
  return element.kind === 'absent' ? { element, label: label(element.guest) } : { element };
}

/** The statements that add elements. */
export function renderElements(elements: readonly Labelled[]): string {
  const limits = renderLimits(
    'add',
    elements.map(({ element }) => element),
  );
  return limits + renderAdditions(elements.flatMap(tableEntries));
}

export function tableEntries({ element, label }: Labelled): TableEntry[] {
  const family = familyOfElement(element);
  return entriesOf(element).map((entry) => ({ ...entry, family, ...(label !== undefined && { label }) }));
}
