import type { ListedRoute } from '../explain/read-host.ts';
import { type Address, contains, familyOf, privateNetworks } from '../model/address.ts';
import type { GuestRecord } from '../state/records.ts';
import type { HeldAddress } from '../system/uplinks.ts';

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
  const isPublic = (address: Address) =>
    !privateNetworks[familyOf(address)].some((network) => contains(network, address));
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

/** The interfaces of default routes, of whichever table, those with several ways included. Pure. */
export function defaultRouteInterfaces(routes: readonly ListedRoute[]): string[] {
  const names = routes
    .filter(({ dst }) => dst === 'default')
    .flatMap(({ dev, nexthops = [] }) => [dev, ...nexthops.map((hop) => hop.dev)]);
  return [...new Set(names.filter((name) => name !== undefined && name !== 'lo'))] as string[];
}
