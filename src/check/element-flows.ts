import { type Element, elementKey, type ForwardElement, type OneToOneElement } from '../model/element.ts';
import type { Flow } from '../model/flow.ts';
import { isUsedBy } from '../planner/ended-flows.ts';

/** The connections that an element has now. */
export interface ElementFlows {
  readonly connections: number;
  /** What they have carried in both directions; undefined where the kernel does not count it (`nf_conntrack_acct`). */
  readonly bytes?: number;
}

/** Tells the connections of a guest's element. Flows are sorted by guest first: there may be many of both. */
export function flowsByElement(flows: readonly Flow[]): (element: Element) => ElementFlows | undefined {
  const byGuest = new Map<string, Flow[]>();
  for (const flow of flows) {
    const own = byGuest.get(flow.reply.source);
    if (own === undefined) byGuest.set(flow.reply.source, [flow]);
    else own.push(flow);
  }
  const known = new Map<string, ElementFlows>();
  return (element) => {
    if (!hasConnections(element)) return undefined;
    const key = elementKey(element);
    const found =
      known.get(key) ?? sum((byGuest.get(element.guest) ?? []).filter((flow) => isUsedBy(flow, element)));
    known.set(key, found);
    return found;
  };
}

function hasConnections(
  element: Element,
): element is Element & Pick<ForwardElement | OneToOneElement, 'guest'> {
  return element.kind === 'forward' || element.kind === 'one-to-one' || element.kind === 'open';
}

function sum(flows: readonly Flow[]): ElementFlows {
  const counted = flows.flatMap(({ bytes }) => bytes ?? []);
  return {
    connections: flows.length,
    ...(counted.length > 0 && { bytes: counted.reduce((all, bytes) => all + bytes, 0) }),
  };
}
