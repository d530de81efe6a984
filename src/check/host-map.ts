import type { Address } from '../model/address.ts';
import type { Element } from '../model/element.ts';
import { knownAddresses } from '../state/records.ts';
import { type HostFacts, readHostFacts } from '../system/uplinks.ts';
import { type GuestState, type GuestStatus, status } from './status.ts';

/** The host, its uplinks, the networks of its guests, and what is open for each guest. */
export interface HostMap {
  readonly host: string;
  readonly uplinks: readonly MapUplink[];
  readonly networks: readonly MapNetwork[];
}

export interface MapUplink {
  readonly name: string;
  readonly addresses: readonly Address[];
  readonly isDefault: boolean;
}

export interface MapNetwork {
  /** libvirt's network, or the bridge. */
  readonly name: string;
  /** The host's addresses on it. */
  readonly addresses: readonly Address[];
  readonly guests: readonly MapGuest[];
}

export interface MapGuest {
  readonly name: string;
  readonly state: GuestState;
  readonly addresses: readonly Address[];
  /** Forwards, one-to-one addresses, open ports and source addresses. */
  readonly elements: readonly Element[];
}

export async function readHostMap(): Promise<HostMap> {
  const { hostname } = process.getBuiltinModule('node:os');
  const { guests } = await status();
  return hostMapOf(hostname(), guests, readHostFacts());
}

const shown: ReadonlySet<Element['kind']> = new Set(['forward', 'one-to-one', 'open', 'source-nat']);

export function hostMapOf(host: string, guests: readonly GuestStatus[], facts: HostFacts): HostMap {
  const bridges = new Set(guests.flatMap(({ guest }) => guest.nics.flatMap(({ bridge }) => bridge ?? [])));
  const defaults = new Set(Object.values(facts.defaultRoutes));
  const addressesOf = (name: string) =>
    facts.addresses.filter((held) => held.interface === name).map(({ address }) => address);
  const uplinks = [...new Set(facts.addresses.map((held) => held.interface))].filter(
    (name) => !bridges.has(name),
  );
  const byNetwork = new Map<string, GuestStatus[]>();
  for (const guest of guests) {
    const name = networkOf(guest);
    byNetwork.set(name, [...(byNetwork.get(name) ?? []), guest]);
  }
  return {
    host,
    uplinks: uplinks.map((name) => ({ name, addresses: addressesOf(name), isDefault: defaults.has(name) })),
    networks: [...byNetwork].map(([name, own]) => ({
      name,
      addresses: [
        ...new Set(own.flatMap(({ guest }) => guest.nics.flatMap(({ bridge }) => bridge ?? []))),
      ].flatMap(addressesOf),
      guests: own.map((guest) => ({
        name: guest.guest.name,
        state: guest.state,
        addresses: knownAddresses(guest),
        elements: guest.elements.map(({ element }) => element).filter(({ kind }) => shown.has(kind)),
      })),
    })),
  };
}

/** That of its first interface: a guest is in the picture once. */
function networkOf({ guest }: GuestStatus): string {
  const [nic] = guest.nics;
  return nic?.network ?? nic?.bridge ?? 'no network';
}
