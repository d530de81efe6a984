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
