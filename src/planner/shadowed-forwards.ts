import { type Address, familyOf } from '../model/address.ts';
import type { PortClaim } from '../model/claim.ts';
import { type Element, type ForwardElement, sharedPorts } from '../model/element.ts';
import { familyOfHost, isAny } from '../model/host-address.ts';
import { overlap } from '../model/port.ts';

/** Who leaves with an address that others may use, too: a guest, as the files have it, or all guests of a network. */
export type Sharing = { readonly address: Address } & (
  | { readonly guest: string }
  | { readonly network: string }
);

/** A forward that other guests can keep from a peer: one of their connections can have its port as source. */
export interface ShadowedForward {
  readonly guest: string;
  readonly claim: PortClaim;
  readonly by: Sharing;
}

/**
 * The forwards at shared source addresses, within the ports that connections leave by (CVE-2021-3773). One for each forward: the
 * first that shares its address.
 *
 * @param networks the source addresses of networks
 */
export function findShadowedForwards(
  guests: readonly { readonly name: string; readonly elements: readonly Element[] }[],
  networks: readonly Sharing[],
): ShadowedForward[] {
  const sharing = [...guests.flatMap(({ name, elements }) => sharedBy(name, elements)), ...networks];
  if (sharing.length === 0) return [];
  return guests.flatMap(({ name: guest, elements }) => {
    const high = elements.filter((one) => one.kind === 'forward' && overlap(one.ports, sharedPorts));
    return (high as ForwardElement[]).flatMap(({ host, protocol, ports }) => {
      const by = sharing.find((one) => !('guest' in one && one.guest === guest) && isAt(host, one.address));
      return by === undefined ? [] : { guest, claim: { host, protocol, ports }, by };
    });
  });
}

/** Whether an element matters here: few do. */
export function concernsSharedPorts(element: Element): boolean {
  return element.kind === 'forward' ? overlap(element.ports, sharedPorts) : element.kind === 'source-nat';
}

function sharedBy(guest: string, elements: readonly Element[]): Sharing[] {
  return elements.flatMap((one) =>
    one.kind === 'source-nat' && one.shared ? { guest, address: one.address } : [],
  );
}

function isAt(host: ForwardElement['host'], address: Address): boolean {
  return isAny(host) ? familyOfHost(host) === familyOf(address) : host === address;
}
