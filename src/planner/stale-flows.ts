import type { Element } from '../model/element.ts';

/**
 * Whether flows can be older than an element and keep their translation. A tcp client that was refused connects again from
 * another port, so forwards of tcp ports do not cost a look at all of the host's flows.
 */
export function canHaveStaleFlows(element: Element): boolean {
  if (element.kind === 'forward') return element.protocol !== 'tcp';
  return element.kind === 'one-to-one' || element.kind === 'source-nat';
}

/** Elements by which connections that guests have already may be denied. */
export type Denial = Extract<Element, { readonly kind: 'denied' | 'source-filter' | 'open-source-filter' }>;

export function isDenial(element: Element): element is Denial {
  const { kind } = element;
  return kind === 'denied' || kind === 'source-filter' || kind === 'open-source-filter';
}
