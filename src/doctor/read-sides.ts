import type { FamilyFacts } from '../explain/known-host.ts';
import { askHost } from '../explain/known-host.ts';
import { interfaceTowards, type ListedRoute, listRoutes } from '../explain/read-host.ts';
import { type Address, type Family, familyOf } from '../model/address.ts';
import { knownAddresses } from '../state/records.ts';
import { holdersOf } from '../system/uplinks.ts';
import type { DoctorContext } from './check.ts';
import type { Neighbour, Sides } from './origins.ts';

/** The sides of this host in a family, and the networks that its routes name. */
export interface ReadSides {
  readonly sides: Sides;
  readonly networks: readonly string[];
}

export function readSides(family: Family, context: DoctorContext): ReadSides {
  const { reading, host } = context;
  const routes = listRoutes(family, askHost);
  const addresses = reading.ownAddresses().filter(({ address }) => familyOf(address) === family);
  const inputs = new Map<Address, string | undefined>();
  const inputOf = (source: Address) => {
    if (!inputs.has(source)) inputs.set(source, interfaceTowards(source, family, askHost));
    return inputs.get(source);
  };
  return {
    networks: routes.flatMap(({ dst, type }) => (type === 'local' || dst === 'default' ? [] : dst)),
    sides: {
      family,
      uplinks: host.interfaces ?? uplinksAmong(routes),
      addressesOn: (name) => addresses.flatMap((one) => (one.interface === name ? one.address : [])),
      holders: (address) => holdersOf(address, addresses),
      inputOf,
      neighbours: neighboursOf(family, context, inputOf),
    },
  };
}

/** The interfaces of all default routes, those of other tables included. */
function uplinksAmong(routes: readonly ListedRoute[]): string[] {
  return [...new Set(routes.flatMap(({ dst, dev }) => (dst === 'default' && dev !== undefined ? dev : [])))];
}

/** How many guests are looked at until each network has two: the rest are on the same ones. */
const most = 64;

function neighboursOf(
  family: Family,
  { records }: DoctorContext,
  inputOf: (source: Address) => string | undefined,
): Neighbour[] {
  const found: Neighbour[] = [];
  const bridges = new Map<string, number>();
  for (const record of records) {
    const bridge = record.guest.nics[0]?.bridge ?? '';
    const seen = bridges.get(bridge) ?? 0;
    const address = knownAddresses(record).find((one) => familyOf(one) === family);
    if (address === undefined || seen >= 2 || found.length >= most) continue;
    bridges.set(bridge, seen + 1);
    const input = inputOf(address);
    if (input !== undefined) found.push({ guest: record.guest.name, address, input });
  }
  return found;
}

/** What is known of a host in a family. */
export interface Surveyed extends FamilyFacts, ReadSides {}
