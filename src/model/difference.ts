import { type Element, elementKey } from './element.ts';

/** Those of the elements that are not among the others. */
export function elementsWithout<One extends Element>(
  elements: readonly One[],
  kept: readonly Element[],
): One[] {
  if (elements.length === 0) return [];
  const keys = new Set(kept.map(elementKey));
  return elements.filter((element) => !keys.has(elementKey(element)));
}

/** Whether there is an element in one list and not in the other, in whichever order. */
export function areDifferent(some: readonly Element[], others: readonly Element[]): boolean {
  return elementsWithout(some, others).length + elementsWithout(others, some).length > 0;
}
