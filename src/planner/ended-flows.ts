import type { Address } from '../model/address.ts';
import type { Element, ForwardElement } from '../model/element.ts';
import type { Flow } from '../model/flow.ts';
import { isAny } from '../model/host-address.ts';
import { protocolNumbers } from '../model/protocol-number.ts';

/*
 * Connection tracking remembers a translation for as long as packets come, whatever becomes of the rule: what was
 * removed has to be ended flow by flow, and a udp flow that came before its forward goes its old way until it is.
 */

/**
 * Whether a flow lived on one of these elements, which are there no longer.
 *
 * @param flow one that carries our mark
 */
export function isEnded(flow: Flow, removed: readonly Element[]): boolean {
  return removed.some((element) => usedBy(flow, element));
}

function usedBy({ protocol, original, reply }: Flow, element: Element): boolean {
  switch (element.kind) {
    case 'forward':
      return (
        protocolNumbers[element.protocol] === protocol &&
        (isAny(element.host) || element.host === original.destination) &&
        reply.source === element.guest &&
        isIn(original.destinationPort, element) &&
        reply.sourcePort === element.to + (original.destinationPort ?? 0) - element.ports.first
      );
    case 'one-to-one':
      return original.destination === element.host && reply.source === element.guest;
    case 'source-nat':
      return original.source === element.guest && reply.destination === element.address;
    case 'open':
      return (
        protocolNumbers[element.protocol] === protocol &&
        original.destination === element.guest &&
        reply.source === element.guest &&
        isIn(original.destinationPort, element)
      );
    default:
      return false;
  }
}

/**
 * Whether a udp flow began before one of these forwards was there: it is translated to nobody, or to somebody else.
 *
 * @param isOwn whether an address is one of the host's
 */
export function isStale(
  { protocol, original, reply }: Flow,
  added: readonly Element[],
  isOwn: (address: Address) => boolean,
): boolean {
  return added.some(
    (element) =>
      isConnectionless(element) &&
      protocolNumbers[element.protocol] === protocol &&
      isIn(original.destinationPort, element) &&
      (isAny(element.host) ? isOwn(original.destination) : element.host === original.destination) &&
      reply.source !== element.guest,
  );
}

/** What never opens a connection anew: a tcp client that was refused begins again, with another port. */
export function isConnectionless(element: Element): element is ForwardElement {
  return element.kind === 'forward' && element.protocol === 'udp';
}

function isIn(port: number | undefined, { ports }: Pick<ForwardElement, 'ports'>): boolean {
  return port !== undefined && port >= ports.first && port <= ports.last;
}
