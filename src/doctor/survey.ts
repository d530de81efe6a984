import type { Reading } from '../desired/host-reading.ts';
import { askHost, type FamilyFacts, readThisHost } from '../explain/known-host.ts';
import { interfaceTowards, listRoutes } from '../explain/read-host.ts';
import { type Address, type Family, familyOf } from '../model/address.ts';
import type { HostPolicy } from '../model/policy.ts';
import { type GuestRecord, knownAddresses } from '../state/records.ts';
import type { Ask } from '../system/ask-ip.ts';
import type { SharedListings } from '../system/shared-listings.ts';
import { holdersOf } from '../system/uplinks.ts';
import type { Neighbour, Sides } from './origins.ts';
import { defaultRouteInterfaces, insideOf, uplinksOf } from './uplinks.ts';

/** What is known of a host in a family: its rules and routes, its sides, and the networks that its routes name. */
export interface Surveyed extends FamilyFacts, ReadSides {}

interface ReadSides {
  readonly sides: Sides;
  readonly networks: readonly string[];
}

/** What was read of the host before. */
interface HostRead {
  readonly records: readonly GuestRecord[];
  readonly reading: Reading;
  readonly host: HostPolicy;
  /** What was listed for other checks is not listed again. */
  readonly listings: SharedListings;
}

/** Reads the host's rules, routes and sides. @throws CommandError if the rules cannot be listed */
export function surveyHost(families: readonly Family[], context: HostRead): ReadonlyMap<Family, Surveyed> {
  const { listings } = context;
  const ask: Ask = (command) => listings.listNow(command, askHost);
  const host = readThisHost(families, ask);
  return new Map([...host].map(([family, facts]) => [family, { ...facts, ...readSides(family, context) }]));
}

function readSides(family: Family, context: HostRead): ReadSides {
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
      uplinks: uplinksOf({
        configured: host.interfaces,
        defaultRoutes: defaultRouteInterfaces(routes),
        own: addresses,
        inside: insideOf(context.records),
      }),
      addressesOn: (name) => addresses.flatMap((one) => (one.interface === name ? one.address : [])),
      holders: (address) => holdersOf(address, addresses),
      inputOf,
      neighbours: neighboursOf(family, context, inputOf),
    },
  };
}

/** How many guests are looked at until each network has two: the rest are on the same ones. */
const most = 64;

function neighboursOf(
  family: Family,
  { records }: HostRead,
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
  return [...found, ...found.flatMap((one) => besideOf(one, found))];
}

/** A network with one guest that is known may have others: one that would have the address beside it. */
function besideOf(only: Neighbour, all: readonly Neighbour[]): Neighbour[] {
  if (all.some((one) => one !== only && one.input === only.input)) return [];
  const address = only.address.replace(/[\da-f]+$/, (last) => {
    const number = Number.parseInt(last, only.address.includes(':') ? 16 : 10);
    return (number ^ 1).toString(only.address.includes(':') ? 16 : 10);
  });
  return [{ guest: '', address, input: only.input }];
}
