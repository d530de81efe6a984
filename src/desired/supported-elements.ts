import type { Element } from '../model/element.ts';
import { claimBehind } from '../model/element-claims.ts';
import { type Fault, policyFault } from '../model/finding.ts';
import { formatHost } from '../model/host-address.ts';
import type { LimitElement } from '../model/limit-element.ts';
import { formatPorts } from '../model/port.ts';

export interface Supported {
  readonly elements: readonly Element[];
  /** The ports that were left out, and why. */
  readonly problems: readonly Fault[];
}

/**
 * The elements that the back end supports. Where it does not support a limit, the ports that the limit restricts are left
 * out, too: a forward without its limit would admit more than the policy allows.
 *
 * @param lacks why the back end cannot do what an element asks for
 */
export function supportedElements(
  elements: readonly Element[],
  lacks: (element: Element) => string | undefined,
): Supported {
  const lacking = elements.flatMap((element) => {
    const why = lacks(element);
    return why === undefined || !('at' in element) ? [] : [{ at: element.at, why }];
  });
  if (lacking.length === 0) return { elements, problems: [] };
  const places = new Set(lacking.map(({ at }) => keyOf(at)));
  return {
    elements: elements.filter((element) => !places.has(keyOf(placeOf(element)))),
    problems: lacking.map(({ at, why }) => policyFault(`${describe(at)} is left out: ${why}`)),
  };
}

function placeOf(element: Element): object | undefined {
  if (element.kind === 'open' || element.kind === 'open-source-filter') return element;
  return 'at' in element ? element.at : claimBehind(element);
}

function keyOf(place: object | undefined): string {
  const { host, guest, protocol, ports } = (place ?? {}) as Partial<Record<string, unknown>>;
  return JSON.stringify(host === undefined ? ['open', guest, protocol, ports] : [host, protocol, ports]);
}

function describe(at: LimitElement['at']): string {
  const place = 'host' in at ? formatHost(at.host) : `open ${formatHost(at.guest)}`;
  return `${place}:${formatPorts(at.ports)}/${at.protocol}`;
}
