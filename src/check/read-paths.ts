import type { Reading } from '../desired/host-reading.ts';
import { type Address, type Family, families, familyOf } from '../model/address.ts';
import { tryIp } from '../system/ask-ip.ts';
import { askRoutes, type RouteAnswers } from '../system/ask-routes.ts';
import { interfaceSetting, sysctl } from '../system/host.ts';
import { defaultRouteInterface } from '../system/uplinks.ts';
import type { Link, PathFacts } from './blocked-paths.ts';

/** Reads them from /proc/sys and asks ip(8). @param addresses whose routes will be asked for */
export function readPathFacts(
  { configuration }: Pick<Reading, 'configuration'>,
  addresses: readonly Address[],
): PathFacts {
  const count = Number(sysctl('net.netfilter.nf_conntrack_count'));
  const limit = Number(sysctl('net.netfilter.nf_conntrack_max'));
  const uplink = defaultRouteInterface();
  const routes = new Map(families.map((family) => [family, routesTo(family, addresses)]));
  return {
    links: readLinks(),
    // A setting that cannot be read blocks nothing that is known.
    forwards: (name) => interfaceSetting(name, 'forwarding') !== '0',
    outside: configuration.host.interfaces ?? (uplink === undefined ? [] : [uplink]),
    routeTo: (address) => routes.get(familyOf(address))?.({ to: address }),
    isConntrackFull: limit > 0 && count >= limit,
  };
}

function routesTo(family: Family, addresses: readonly Address[]): RouteAnswers {
  const own = addresses.filter((address) => familyOf(address) === family);
  return askRoutes(
    family,
    own.map((to) => ({ to })),
  );
}

function readLinks(): ReadonlyMap<string, Link> | undefined {
  const listed = tryIp<{ ifname: string; flags?: readonly string[]; master?: string }>(['link']);
  if (listed === undefined) return undefined;
  return new Map(
    listed.map(({ ifname, flags = [], master }) => [
      ifname,
      { up: flags.includes('UP'), ...(master !== undefined && { master }) },
    ]),
  );
}
