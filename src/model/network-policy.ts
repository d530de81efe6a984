import type { Access } from './access.ts';
import type { Address, Family } from './address.ts';
import type { PortRange, Protocol } from './port.ts';
import type { Problem } from './problem.ts';

/** Ports of the host that guests of a network reach, in one family or both. */
export interface NetworkService {
  readonly protocol: Protocol;
  readonly ports: PortRange;
  /** Undefined: both. */
  readonly family?: Family;
}

/** RFC 2131, RFC 8415; a resolver answers large answers over tcp. */
export const namedServices: Readonly<Record<string, readonly NetworkService[]>> = {
  dhcp: [
    { protocol: 'udp', ports: { first: 67, last: 67 }, family: 'ip' },
    { protocol: 'udp', ports: { first: 547, last: 547 }, family: 'ip6' },
  ],
  dns: [
    { protocol: 'tcp', ports: { first: 53, last: 53 } },
    { protocol: 'udp', ports: { first: 53, last: 53 } },
  ],
};

/** What guests of an interface that libvirt does not run reach of the host if the table does not say it. */
export const usualServices: readonly NetworkService[] = ['dhcp', 'dns'].flatMap(
  (name) => namedServices[name] ?? [],
);

/** What the administrator wants for all guests of a libvirt network, or on an interface that libvirt does not run. */
export interface NetworkPolicy {
  /** What connections leave with whose guest has no address of its own for that: at most one of each family. */
  readonly snat?: readonly Address[];
  /** The access of guests on it whose files give none. */
  readonly access?: Access;
  /** Whether the guests' own connections are admitted. Undefined: see `planNetwork()`. */
  readonly forward?: boolean;
  /** The families whose connections leave with the address of the interface that they leave through. */
  readonly masquerade?: readonly Family[];
  /** The interfaces through which guests leave. Undefined: the public side. */
  readonly uplinks?: readonly string[];
  /** What guests reach of the host. Undefined: see `planNetwork()`. */
  readonly services?: readonly NetworkService[];
  /** Whether nothing passes between its guests. */
  readonly isolated?: boolean;
}

/** A network's policy together with all that is wrong with it; with a problem in it, it is not applied. */
export interface NetworkPolicyFound {
  readonly policy: NetworkPolicy;
  readonly problems: readonly Problem[];
}
