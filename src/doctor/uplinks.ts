import { type Address, contains, type Family } from '../model/address.ts';
import { readProgramJson } from '../model/program-output.ts';
import type { GuestRecord } from '../state/records.ts';
import { tryListing } from '../system/listing.ts';
import type { HeldAddress } from '../system/uplinks.ts';

/** Networks that no provider routes: RFC 1918, RFC 6598 and RFC 4193. */
const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** The facts that decide which interfaces connections from distant networks come by. */
export interface UplinkFacts {
  /** `interface` in `[host]`; undefined: every interface counts. */
  readonly configured: readonly string[] | undefined;
  /** The interfaces of default routes, of whichever table. */
  readonly defaultRoutes: readonly string[];
  readonly own: readonly HeldAddress[];
  /** The bridges and ports of guests. */
  readonly inside: readonly string[];
}

/** The interfaces that connections from distant networks come by: by configuration, by a default route, by a public address. Pure. */
export function uplinksOf({ configured, defaultRoutes, own, inside }: UplinkFacts): string[] {
  if (configured !== undefined) return [...configured];
  const isPublic = (address: Address) => !privateNetworks.some((network) => contains(network, address));
  const holding = own.flatMap((one) => (isPublic(one.address) ? [one.interface] : []));
  // Without any default route in a family, nothing distant comes in or is answered.
  const outside = defaultRoutes.length === 0 ? [] : holding.filter((name) => !inside.includes(name));
  return [...new Set([...defaultRoutes, ...outside])];
}

/** The bridges and ports of guests. */
export function insideOf(records: readonly GuestRecord[]): string[] {
  const names = records.flatMap(({ guest }) => guest.nics.flatMap(({ bridge, tap }) => [bridge, tap]));
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The interfaces of default routes, of whichever table: `ip -j route show table all default`. */
export function defaultRouteInterfaces(family: Family): string[] {
  const version = family === 'ip' ? '-4' : '-6';
  const routes = askIp<{ readonly dev?: string; readonly nexthops?: readonly { readonly dev?: string }[] }>([
    version,
    'route',
    'show',
    'table',
    'all',
    'default',
  ]);
  const names = routes.flatMap(({ dev, nexthops = [] }) => [dev, ...nexthops.map((hop) => hop.dev)]);
  return [...new Set(names.filter((name) => name !== undefined && name !== 'lo'))] as string[];
}

/** `ip -j`; nothing where it fails: there is no such route. @throws CommandError if what it prints is not whole */
export function askIp<T>(words: readonly string[]): readonly T[] {
  const command = { program: 'ip', args: ['-j', ...words] };
  const text = tryListing(command);
  if (text === undefined || text.trim() === '') return [];
  return readProgramJson(text, command, (value) => {
    if (!Array.isArray(value)) throw new TypeError('no array');
    return value as T[];
  });
}
