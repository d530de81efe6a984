import { claimBehind, type Element, type LimitElement } from '../model/element.ts';
import { formatHost } from '../model/host-address.ts';
import { formatPorts } from '../model/port.ts';

export interface Supported {
  readonly elements: readonly Element[];
  /** What was left out, and why. */
  readonly problems: readonly string[];
}

/**
 * What the back end can do of a guest's wishes. What it cannot do is left out whole, with the ports that it restricts:
 * a forward without its limit would be open to more than was asked for.
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
    problems: lacking.map(({ at, why }) => `${describe(at)} is left out: ${why}`),
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
