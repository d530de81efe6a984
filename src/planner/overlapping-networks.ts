import { familyOf, spanOf } from '../model/address.ts';
import { elementKey } from '../model/element.ts';
import type { NetworkElement } from '../model/network-element.ts';

/*
 * nft refuses an entry of a range that overlaps another one of its set, and with it the whole transaction. Two bridges with one network,
 * or a table for a bridge beside one for libvirt's network on it, must not cost the guests of all others their rules: the first counts.
 */

/** Elements of networks that can be in the kernel together, and those that cannot: they overlap an earlier one. Pure. */
export function separateOverlaps(elements: readonly NetworkElement[]): {
  readonly kept: readonly NetworkElement[];
  readonly overlapping: readonly NetworkElement[];
} {
  const kept: NetworkElement[] = [];
  const overlapping: NetworkElement[] = [];
  const taken = new Map<string, { readonly key: string; readonly span: Span }[]>();
  for (const element of elements) {
    const range = rangeOf(element);
    if (range === undefined) {
      kept.push(element);
      continue;
    }
    const { set, span } = range;
    const key = elementKey(element);
    const others = taken.get(set) ?? [];
    const overlaps = others.some((one) => one.key !== key && meet(one.span, span));
    (overlaps ? overlapping : kept).push(element);
    if (!overlaps) taken.set(set, [...others, { key, span }]);
  }
  return { kept, overlapping };
}

type Span = readonly [first: bigint, last: bigint];

/** The part of a set that an element is a range in; undefined: it is none. */
function rangeOf(element: NetworkElement): { readonly set: string; readonly span: Span } | undefined {
  switch (element.kind) {
    case 'network-nat':
      return { set: setOf(element.kind, element.network, element.interface), span: spanOf(element.network) };
    case 'routed':
    case 'network-masquerade': {
      const { kind, network, bridge, interface: name } = element;
      return { set: setOf(kind, network, bridge, name), span: spanOf(network) };
    }
    case 'service': {
      const { kind, bridge, protocol, ports, family = 'ip' } = element;
      return {
        set: [kind, bridge, protocol, family].join(' '),
        span: [BigInt(ports.first), BigInt(ports.last)],
      };
    }
    default:
      return undefined;
  }
}

function setOf(kind: string, network: string, ...interfaces: readonly string[]): string {
  return [kind, familyOf(network), ...interfaces].join(' ');
}

function meet([first, last]: Span, [otherFirst, otherLast]: Span): boolean {
  return first <= otherLast && otherFirst <= last;
}
