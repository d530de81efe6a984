import { somewhere } from '../explain/explain.ts';
import { type Address, baseOf, contains, type Family } from '../model/address.ts';
import { isAny } from '../model/host-address.ts';
import type { Target } from './targets.ts';

/** Where a packet comes from, and the address that it is sent to. */
export interface Origin {
  readonly kind: 'outside' | 'host' | 'guest';
  readonly source: Address;
  /** The interface that it arrives on; undefined: the host sends it. */
  readonly input?: string;
  readonly destination: Address;
}

/** A guest that may connect to others. */
export interface Neighbour {
  readonly guest: string;
  readonly address: Address;
  /** The interface that its packets arrive on. */
  readonly input: string;
}

/** The sides of a host in a family. */
export interface Sides {
  readonly family: Family;
  /** The interfaces through which clients reach forwards without an address. */
  readonly uplinks: readonly string[];
  /** The host's addresses on an interface. */
  readonly addressesOn: (name: string) => readonly Address[];
  /** The interfaces that hold an address. */
  readonly holders: (address: Address) => readonly string[];
  /** The interface on which packets of a source arrive. */
  readonly inputOf: (source: Address) => string | undefined;
  /** One or two guests for each interface. */
  readonly neighbours: readonly Neighbour[];
}

/** From where a target should be reached: from outside by each uplink, from the host, from another guest of each network. */
export function originsOf(target: Target, sides: Sides): Origin[] {
  const own = sides.uplinks.flatMap((name) => sides.addressesOn(name))[0];
  const isLoopback = target.host.startsWith('127.');
  if (isLoopback) return [{ kind: 'host', source: target.host, destination: target.host }];
  const destination = isAny(target.host) ? own : target.host;
  const inside = destination === undefined ? [] : fromInside(target, destination, own, sides);
  return [...fromOutside(target, sides), ...inside];
}

function fromOutside(target: Target, sides: Sides): Origin[] {
  const { host, from } = target;
  const restricted = from === undefined ? undefined : sourceAmong(from);
  if (from !== undefined && restricted === undefined) return [];
  const arrival = restricted === undefined ? undefined : sides.inputOf(restricted);
  if (
    restricted !== undefined &&
    (arrival === undefined || sides.neighbours.some(({ input }) => input === arrival))
  )
    return [];
  const inputs = arrival === undefined ? uplinksOf(host, sides) : [arrival];
  return inputs.flatMap((input): Origin[] => {
    const destination = isAny(host) ? (sides.addressesOn(input)[0] ?? firstAddress(sides)) : host;
    if (destination === undefined) return [];
    return [{ kind: 'outside', source: restricted ?? somewhere[sides.family], input, destination }];
  });
}

function firstAddress({ uplinks, addressesOn }: Sides): Address | undefined {
  return uplinks.flatMap((name) => addressesOn(name))[0];
}

/** An address that no uplink holds, as one of a dummy interface, comes by the uplinks. */
function uplinksOf(host: Target['host'], { uplinks, holders }: Sides): readonly string[] {
  if (isAny(host)) return uplinks;
  const holding = holders(host);
  const among = holding.filter((name) => uplinks.includes(name));
  if (among.length > 0) return among;
  return holding.some((name) => !/^(lo|dummy)/.test(name)) ? holding : uplinks;
}

function fromInside(
  { guest, from, isOpen, address }: Target,
  destination: Address,
  own: Address | undefined,
  { neighbours, holders, inputOf }: Sides,
): Origin[] {
  const source = holders(destination).length > 0 ? destination : own;
  const host: Origin[] =
    isOpen === true || source === undefined ? [] : [{ kind: 'host', source, destination }];
  const inputs = new Set<string>();
  const guests = neighbours.flatMap((one): Origin[] => {
    const isAllowed = from === undefined || from.some((network) => contains(network, one.address));
    // Guests of one network meet on its bridge, where the host routes nothing.
    const isBeside = isOpen === true && one.input === inputOf(address);
    if (one.guest === guest.name || inputs.has(one.input) || !isAllowed || isBeside) return [];
    inputs.add(one.input);
    return [{ kind: 'guest', source: one.address, input: one.input, destination }];
  });
  return [...host, ...guests];
}

/** An address of the first of these networks; of 0.0.0.0/0, any. */
function sourceAmong(networks: readonly string[]): Address | undefined {
  const [network] = networks;
  if (network === undefined) return undefined;
  const base = baseOf(network);
  if (network.endsWith('/0')) return base.includes(':') ? somewhere.ip6 : somewhere.ip;
  const isWide = !/\/(32|31|128|127)$/.test(network);
  return isWide && !base.includes(':') ? base.replace(/\d+$/, (last) => String(Number(last) + 1)) : base;
}
