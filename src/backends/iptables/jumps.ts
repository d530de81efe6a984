import type { Address } from '../../model/address.ts';
import type { Element } from '../../model/element.ts';
import { type HostAddress, isAny } from '../../model/host-address.ts';
import type { PortRange, Protocol } from '../../model/port.ts';
import { chains } from './chains.ts';
import { dport, type GuestRule, mangle, nat, type OwnChains, placeOf } from './matches.ts';

interface Span extends PortRange {
  readonly protocol: Protocol;
  /** Where the jump is, what it matches besides ports, and where it leads. */
  readonly at: (match: string) => GuestRule;
  readonly match: string;
}

/**
 * From our common chains to a guest's, as narrow as they can be: packets for others are to pass by cheaply. One for
 * each protocol and address, from its lowest port to its highest.
 */
export function jumps(elements: readonly Element[], own: OwnChains, comment: string): GuestRule[] {
  const spans = new Map<string, Span>();
  const whole = new Set<string>();
  for (const element of elements) {
    const { host, guest, protocol, ports } = placeOf(element);
    if (protocol === undefined || ports === undefined) {
      if (host !== undefined) whole.add(host);
      continue;
    }
    const { match, at } = host === undefined ? toOpen(guest ?? '', own) : toHost(host, own);
    const key = `${at('').chain} ${match} ${protocol}`;
    const { first, last } = spans.get(key) ?? ports;
    const span = { first: Math.min(first, ports.first), last: Math.max(last, ports.last) };
    spans.set(key, { ...span, protocol, match, at });
  }
  const all = [
    ...[...spans.values()].map(({ at, match, protocol, ...span }) =>
      at(`${match}${dport(protocol, span)} ${comment}`),
    ),
    ...[...whole].map((host) => nat(chains.public, `-d ${host} ${comment} -j ${own.public}`)),
  ];
  return all.map((rule) => ({ ...rule, ordered: false }));
}

function toOpen(guest: Address, own: OwnChains): Pick<Span, 'at' | 'match'> {
  return { match: `-d ${guest} `, at: (match) => mangle(chains.open, `${match} -j ${own.open}`) };
}

function toHost(host: HostAddress, own: OwnChains): Pick<Span, 'at' | 'match'> {
  return isAny(host)
    ? { match: '', at: (match) => nat(chains.any, `${match} -j ${own.any}`) }
    : { match: `-d ${host} `, at: (match) => nat(chains.exact, `${match} -j ${own.exact}`) };
}
