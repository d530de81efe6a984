import { type Address, type Family, familyOf, type Network } from '../model/address.ts';
import type { Claim } from '../model/claim.ts';
import type { Element, ForwardElement } from '../model/element.ts';
import { claimOf } from '../model/element-claims.ts';
import type { Guest } from '../model/guest.ts';
import { formatHost, type HostAddress } from '../model/host-address.ts';
import type { OpenPorts } from '../model/limit-element.ts';
import { formatPorts, type Protocol } from '../model/port.ts';
import type { GuestRecord } from '../state/records.ts';

/** What packets should reach: a forward, a one-to-one address or an open port of a guest, and one port of it, in place of all. */
export interface Target {
  readonly guest: Guest;
  readonly family: Family;
  readonly protocol: Protocol;
  /** The address that packets are sent to: of the host, or with an open port the guest's own. */
  readonly host: HostAddress;
  readonly port: number;
  /** Where they should end up. */
  readonly address: Address;
  readonly to: number;
  /** The only sources that the policy lets in; undefined: any. */
  readonly from?: readonly Network[];
  readonly isOpen?: true;
  /** As a person reads it: `0.0.0.0:8080/tcp`. */
  readonly name: string;
}

/** The port in place of all of an address. */
const anyPort = 443;

/** All targets of all guests, in the order of the records. */
export function targetsOf(records: readonly Pick<GuestRecord, 'guest' | 'elements'>[]): Target[] {
  return records.flatMap(({ guest, elements }) => {
    const filters = new Map(elements.flatMap(filterOf));
    return elements.flatMap((element) => {
      const target = targetOf(guest, element);
      const from = filters.get(filterKey(element));
      return target === undefined ? [] : [{ ...target, ...(from !== undefined && { from }) }];
    });
  });
}

function targetOf(guest: Guest, element: Element): Target | undefined {
  const named = (name: string, rest: Omit<Target, 'guest' | 'family' | 'name'>): Target => ({
    guest,
    family: familyOf(rest.address),
    name,
    ...rest,
  });
  switch (element.kind) {
    case 'forward':
      return named(describeForward(element), {
        protocol: element.protocol,
        host: element.host,
        port: element.ports.first,
        address: element.guest,
        to: element.to,
      });
    case 'one-to-one':
      return named(element.host, {
        protocol: 'tcp',
        host: element.host,
        port: anyPort,
        address: element.guest,
        to: anyPort,
      });
    case 'open':
      return named(`${formatHost(element.guest)}:${formatPorts(element.ports)}/${element.protocol}`, {
        protocol: element.protocol,
        host: element.guest,
        port: element.ports.first,
        address: element.guest,
        to: element.ports.first,
        isOpen: true,
      });
    default:
      return undefined;
  }
}

function describeForward({ host, ports, protocol }: ForwardElement): string {
  return `${formatHost(host)}:${formatPorts(ports)}/${protocol}`;
}

/** The claim, or the open ports, that a filter restricts. */
function filterOf(element: Element): [key: string, from: readonly Network[]][] {
  if (element.kind === 'source-filter') return [[keyOf(element.claim), element.from]];
  if (element.kind === 'open-source-filter') return [[keyOf(element), element.from]];
  return [];
}

function filterKey(element: Element): string {
  const restricted = element.kind === 'open' ? element : claimOf(element);
  return restricted === undefined ? '' : keyOf(restricted);
}

function keyOf(restricted: Claim | OpenPorts): string {
  const address = 'host' in restricted ? `at ${restricted.host}` : `open ${restricted.guest}`;
  return 'ports' in restricted
    ? `${address} ${restricted.protocol} ${formatPorts(restricted.ports)}`
    : address;
}
