import type { Reading } from '../desired/host-reading.ts';
import { familyOf } from '../model/address.ts';
import { readProgramJson } from '../model/program-output.ts';
import { interfaceSetting, sysctl } from '../system/host.ts';
import { tryRun } from '../system/run.ts';
import { defaultRouteInterface } from '../system/uplinks.ts';
import type { Link, PathFacts } from './blocked-paths.ts';

/** Reads them from /proc/sys and asks ip(8). */
export function readPathFacts({ configuration }: Pick<Reading, 'configuration'>): PathFacts {
  const count = Number(sysctl('net.netfilter.nf_conntrack_count'));
  const limit = Number(sysctl('net.netfilter.nf_conntrack_max'));
  const uplink = defaultRouteInterface();
  return {
    links: readLinks(),
    // A setting that cannot be read blocks nothing that is known.
    forwards: (name) => interfaceSetting(name, 'forwarding') !== '0',
    outside: configuration.host.interfaces ?? (uplink === undefined ? [] : [uplink]),
    routeTo: (address) => {
      const version = familyOf(address) === 'ip' ? '-4' : '-6';
      const [route] = askIp<{ dev?: string; type?: string }>([version, 'route', 'get', address]) ?? [];
      return route?.type === undefined ? route?.dev : undefined;
    },
    isConntrackFull: limit > 0 && count >= limit,
  };
}

function readLinks(): ReadonlyMap<string, Link> | undefined {
  const listed = askIp<{ ifname: string; flags?: readonly string[]; master?: string }>(['link']);
  if (listed === undefined) return undefined;
  return new Map(
    listed.map(({ ifname, flags = [], master }) => [
      ifname,
      { up: flags.includes('UP'), ...(master !== undefined && { master }) },
    ]),
  );
}

/** @returns undefined if ip is missing or fails: there is no such route */
function askIp<T>(words: readonly string[]): readonly T[] | undefined {
  const command = { program: 'ip', args: ['-j', ...words] };
  const text = tryRun(command);
  if (text === undefined) return undefined;
  return readProgramJson(text, command, (value) => {
    if (!Array.isArray(value)) throw new TypeError('no array');
    return value as T[];
  });
}
