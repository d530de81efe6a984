import type { Address } from '../model/address.ts';
import type { Element, ForwardElement } from '../model/element.ts';
import type { Flow } from '../model/flow.ts';
import { isAny } from '../model/host-address.ts';
import type { Protocol } from '../model/port.ts';

/*
 * Connection tracking keeps a translation as long as packets arrive, whether or not the rule still exists: guestgate ends the
 * flows of removed elements one by one, and udp flows from before their forward, which keep their old way until then.
 */

/** IANA's numbers. */
const numbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };

function protocolNumber(protocol: Protocol): number | undefined {
  return numbers[protocol];
}

/**
 * Whether a flow used one of these elements, which were removed.
 *
 * @param flow one that carries guestgate's mark
 */
export function isEnded(flow: Flow, removed: readonly Element[]): boolean {
  return removed.some((element) => usedBy(flow, element));
}

function usedBy({ protocol, original, reply }: Flow, element: Element): boolean {
  switch (element.kind) {
    case 'forward':
      return (
        protocolNumber(element.protocol) === protocol &&
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
        protocolNumber(element.protocol) === protocol &&
        original.destination === element.guest &&
        reply.source === element.guest &&
        isIn(original.destinationPort, element)
      );
    default:
      return false;
  }
}

/**
 * Whether a udp flow began before one of these forwards was there: it is not translated, or to another guest.
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
      protocolNumber(element.protocol) === protocol &&
      isIn(original.destinationPort, element) &&
      (isAny(element.host) ? isOwn(original.destination) : element.host === original.destination) &&
      reply.source !== element.guest,
  );
}

/** A forward of a protocol without connections: a tcp client that was refused opens a new one from another port. */
export function isConnectionless(element: Element): element is ForwardElement {
  return element.kind === 'forward' && element.protocol === 'udp';
}

function isIn(port: number | undefined, { ports }: Pick<ForwardElement, 'ports'>): boolean {
  return port !== undefined && port >= ports.first && port <= ports.last;
}
