import { type Address, familyOf } from '../../model/address.ts';
import type { Element, ForwardElement } from '../../model/element.ts';
import { type HostAddress, isAny } from '../../model/host-address.ts';
import type { PortRange, Protocol } from '../../model/port.ts';
import { names } from '../names.ts';
import { digest } from './digest.ts';
import type { Addition } from './tables.ts';

/** A rule of a guest's, and the element that its counter counts for. */
export interface GuestRule extends Addition {
  readonly element?: Element;
}

export type OwnChains = ReturnType<typeof chainsOf>;

/** What a guest's chains are called: 28 characters are all that the kernel keeps. `accepts` is filter's. */
export function chainsOf(id: string) {
  const own = `${names.chain}${digest(id, 10)}`;
  return {
    accepts: own,
    exact: `${own}-EXACT`,
    public: `${own}-PUBLIC`,
    any: `${own}-ANY`,
    open: `${own}-OPEN`,
    /** By the list that is denied: another address of the guest may still have an older one. */
    denied: (number: number) => `${own}-DENY${number}`,
    from: (number: number) => `${own}-FROM${number}`,
  };
}

/** A name that begins with `-` would be taken for an option by some versions of iptables-restore. */
export function asComment(label: string): string {
  return label.replace(/^-/, '%2D') || '%';
}

/** Which address and ports of the host, or of a guest, an element is about. */
export function placeOf(element: Element): {
  readonly host?: HostAddress;
  readonly guest?: Address;
  readonly protocol?: Protocol;
  readonly ports?: PortRange;
} {
  if (element.kind === 'source-filter') return element.claim;
  return 'at' in element ? element.at : 'guest' in element ? element : {};
}

export function atHost(
  { host, protocol, ports }: { host: HostAddress; protocol: Protocol; ports: PortRange },
  own: OwnChains,
): readonly [chain: string, match: string] {
  const match = dport(protocol, ports);
  return isAny(host) ? [own.any, match] : [own.exact, `-d ${host} ${match}`];
}

export function atGuest({
  guest,
  protocol,
  ports,
}: {
  guest: Address;
  protocol: Protocol;
  ports: PortRange;
}): string {
  return `-d ${guest} ${dport(protocol, ports)}`;
}

export function dport(protocol: Protocol, { first, last }: PortRange): string {
  return `-p ${protocol} -m ${protocol} --dport ${first === last ? first : `${first}:${last}`}`;
}

export function nat(chain: string, rule: string): GuestRule {
  return { table: 'nat', chain, rule, ordered: true };
}

export function mangle(chain: string, rule: string): GuestRule {
  return { table: 'mangle', chain, rule, ordered: true };
}

export function filter(chain: string, rule: string): GuestRule {
  return { table: 'filter', chain, rule, ordered: false };
}

/** Several elements may need the same rule: of a guest that leaves by several interfaces, for example. */
export function withoutRepetition(rules: readonly GuestRule[]): GuestRule[] {
  const made = new Set<string>();
  return rules.filter(({ table, chain, rule, ordered }) => {
    const key = `${table} ${chain} ${rule}`;
    return ordered || (!made.has(key) && made.add(key));
  });
}

/**
 * Ports that keep their numbers: one rule. Ports that are shifted: a rule each; `FIRST-LAST/BASE` would need iptables
 * 1.8 and Linux 4.18, which hosts that want this back end may lack.
 */
export function targets({ ports, guest, to }: ForwardElement): { ports: PortRange; to: string }[] {
  if (ports.first !== ports.last && ports.first === to) return [{ ports, to: guest }];
  const address = familyOf(guest) === 'ip6' ? `[${guest}]` : guest;
  return Array.from({ length: ports.last - ports.first + 1 }, (_, index) => {
    const port = ports.first + index;
    return { ports: { first: port, last: port }, to: `${address}:${to + index}` };
  });
}
