import type { Address } from '../model/address.ts';
import type { Element, ForwardElement } from '../model/element.ts';
import type { Flow } from '../model/flow.ts';
import { isAny } from '../model/host-address.ts';
import { protocolNumbers } from '../model/protocol-number.ts';

/*
 * Connection tracking keeps a flow's translation for as long as packets arrive, whatever happens to the rule. guestgate ends
 * the flows of removed elements, and flows that began before an element was added.
 */

/**
 * Whether a flow used one of these elements, which were removed.
 *
 * @param flow one that carries guestgate's mark
 */
export function isEnded(flow: Flow, removed: readonly Element[]): boolean {
  return removed.some((element) => isUsedBy(flow, element));
}

/** Whether an element led this flow to, or from, its guest. @param flow one that carries guestgate's mark */
export function isUsedBy({ protocol, original, reply }: Flow, element: Element): boolean {
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
 * Whether a flow began before one of these elements was there, and keeps the translation of that time.
 *
 * @param isOwn whether an address is one of the host's
 */
export function isStale(
  flow: Flow,
  added: readonly Element[],
  isOwn: (address: Address) => boolean,
): boolean {
  // An established tcp connection is the host's own, or another program's: it must not break.
  if (flow.protocol === protocolNumbers['tcp'] && flow.assured) return false;
  return added.some((element) => isBefore(flow, element, isOwn));
}

function isBefore(
  { protocol, original, reply }: Flow,
  element: Element,
  isOwn: (address: Address) => boolean,
): boolean {
  switch (element.kind) {
    case 'forward':
      return (
        protocolNumbers[element.protocol] === protocol &&
        isIn(original.destinationPort, element) &&
        (isAny(element.host) ? isOwn(original.destination) : element.host === original.destination) &&
        reply.source !== element.guest
      );
    case 'one-to-one':
      return original.destination === element.host && reply.source !== element.guest;
    case 'source-nat':
      // A flow that nothing translates goes to another guest or to the host.
      return (
        original.source === element.guest &&
        reply.destination !== element.guest &&
        reply.destination !== element.address
      );
    default:
      return false;
  }
}

function isIn(port: number | undefined, { ports }: Pick<ForwardElement, 'ports'>): boolean {
  return port !== undefined && port >= ports.first && port <= ports.last;
}
