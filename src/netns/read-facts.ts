import { hostname } from 'node:os';
import { parseAddress } from '../model/address.ts';
import { askIp } from '../system/ask-ip.ts';
import { readText } from '../system/files.ts';
import { interfaceKind } from '../system/host.ts';
import type { NamespaceFacts } from './namespace-facts.ts';

/** A default route, as `ip -j route` prints it. */
interface DefaultRoute {
  readonly dev?: string;
  readonly gateway?: string;
}

/** An interface, as `ip -j addr` prints it: also one without a carrier, as a bridge without ports is. */
interface Held {
  readonly ifname?: string;
  readonly addr_info?: readonly { readonly local?: string }[];
}

/** Reads the facts of the host that decide how a namespace is made. */
export function readNamespaceFacts(): NamespaceFacts {
  const routes = ['-4', '-6'].flatMap((family) => askIp<DefaultRoute>([family, 'route', 'show', 'default']));
  return {
    interfaceKind,
    held: askIp<Held>(['addr', 'show']).flatMap(({ ifname, addr_info = [] }) =>
      addr_info.flatMap(({ local }) => {
        const address = parseAddress(local ?? '');
        return ifname === undefined || address === undefined ? [] : [{ interface: ifname, address }];
      }),
    ),
    routers: routes.flatMap(({ dev, gateway }) => {
      const address = parseAddress(gateway ?? '');
      return dev === undefined || address === undefined ? [] : [{ interface: dev, address }];
    }),
    // A host without one has its name to differ from others.
    machine: readText('/etc/machine-id')?.trim() || hostname(),
  };
}
