import type { Address, Family } from '../model/address.ts';

export type Transport = 'tcp' | 'udp' | 'sctp';

/** The first packet of a connection, as it is at one moment of its way: what rules do to it is done to this. */
export interface Packet {
  readonly family: Family;
  readonly protocol: Transport;
  source: Address;
  sourcePort: number;
  destination: Address;
  port: number;
  /** The interface that it came in by; undefined: the host itself sends it. */
  input?: string;
  /** The interface that it will leave by, once that is known. */
  output?: string | undefined;
  mark: number;
  connectionMark: number;
  /** The bits that are set of its connection's 128 labels. */
  connectionLabels: readonly number[];
  /** Whether connection tracking may follow it: rules can forbid that, and then it is not translated. */
  tracked: boolean;
  /** Whether it does already: before its turn, connections have no marks, and rules that set them do nothing. */
  followed: boolean;
  /** What its destination, and its source, were translated to. */
  destinationTranslated: boolean;
  sourceTranslated: boolean;
  readonly original: { readonly destination: Address; readonly port: number; readonly source: Address };
}

/** What rules ask about the host, not about the packet. */
export interface Surroundings {
  readonly addressType: (address: Address) => AddressType;
  /** The same as seen on one interface, where only its own addresses are local. */
  readonly addressTypeOn: (address: Address, name: string) => AddressType;
  /** The interface that the host sends packets for an address to; undefined: none, or it is the host's own. */
  readonly interfaceTo: (address: Address, mark: number) => string | undefined;
  /** The first address of an interface: what is redirected goes there. */
  readonly firstAddress: (name: string, family: Family) => Address | undefined;
}

export type AddressType = 'local' | 'broadcast' | 'multicast' | 'unicast';

/** Whether a match is true for the packet; undefined: it cannot be evaluated here. */
export type Answer = boolean | undefined;

/** What a rule leads to. */
export type Outcome =
  | { readonly kind: 'next' }
  | { readonly kind: 'accept' | 'drop' | 'reject' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  /** It was changed: translated (which ends the chain), or only marked. */
  | { readonly kind: 'translated' | 'changed'; readonly what: string }
  /** It may match: `what` says what it would do, and why that is uncertain. */
  | { readonly kind: 'unknown'; readonly why: string };

export const next: Outcome = { kind: 'next' };

/** `udp 198.51.100.2:49999 -> 203.0.113.10:53`. */
export function describePacket({
  protocol,
  source,
  sourcePort,
  destination,
  port,
}: Pick<Packet, 'protocol' | 'source' | 'sourcePort' | 'destination' | 'port'>): string {
  return `${protocol} ${socket(source, sourcePort)} -> ${socket(destination, port)}`;
}

export function socket(address: Address, port: number): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

export function translateDestination(packet: Packet, address: Address, port: number): Outcome {
  packet.destination = address;
  packet.port = port;
  packet.destinationTranslated = true;
  return { kind: 'translated', what: `to ${socket(address, port)}` };
}

/** To this host, at the address of the interface that it came in by, or at loopback (iptables-extensions(8), REDIRECT). */
export function redirect(packet: Packet, port: number, { firstAddress }: Surroundings): Outcome {
  const own = packet.input === undefined ? undefined : firstAddress(packet.input, packet.family);
  return translateDestination(packet, own ?? (packet.family === 'ip' ? '127.0.0.1' : '::1'), port);
}

export function translateSource(packet: Packet, address: Address): Outcome {
  packet.source = address;
  packet.sourceTranslated = true;
  return { kind: 'translated', what: `from ${address}` };
}

/** Connection tracking does not follow it, and nothing translates it. */
export function exceptFromTracking(packet: Packet): Outcome {
  packet.tracked = false;
  packet.followed = false;
  return { kind: 'changed', what: 'not tracked' };
}
