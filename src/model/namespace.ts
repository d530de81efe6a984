import type { Address } from './address.ts';
import { isCount, isList, isObject, isOneOf, isText, isTrue } from './shape.ts';

/** An address of a namespace, and the length of its network's prefix: `10.200.1.2/24`. */
export interface PlacedAddress {
  readonly address: Address;
  readonly prefix: number;
}

/**
 * What a namespace is connected by. `own`: a veth pair, with the host as its router; `bridge`: a veth pair, one end on a bridge;
 * `vlan` and `macvlan`: a device of an uplink, which no packet of the host's comes by; `shared`: by the devices of guests of Linux-VServer,
 * which share it.
 */
export type NamespaceLink =
  | { readonly kind: 'own' }
  | { readonly kind: 'bridge'; readonly bridge: string }
  | { readonly kind: 'vlan'; readonly uplink: string; readonly vlan: number }
  | { readonly kind: 'macvlan'; readonly uplink: string }
  | { readonly kind: 'shared' };

/** What `guestgate netns add` is asked for. */
export interface NamespaceRequest {
  readonly name: string;
  readonly addresses: readonly PlacedAddress[];
  readonly link: NamespaceLink;
  /** Routers of the namespace, at most one of each family. Without any, they are derived. */
  readonly gateways: readonly Address[];
  /** Name servers. Without any, those of the host. */
  readonly dns: readonly Address[];
  /** The MAC address in the namespace. Without one, it is derived. */
  readonly mac?: string;
  /** Its own connections leave with the host's address. */
  readonly nat?: true;
}

/** Whether a value that was parsed from JSON is a request. */
export const isNamespaceRequest = isObject({
  name: isText,
  addresses: isList(isObject({ address: isText, prefix: isCount })),
  link: isObject({
    kind: isOneOf('own', 'bridge', 'vlan', 'macvlan', 'shared'),
    'bridge?': isText,
    'uplink?': isText,
    'vlan?': isCount,
  }),
  gateways: isList(isText),
  dns: isList(isText),
  'mac?': isText,
  'nat?': isTrue,
});

/** Where ip(8) keeps named network namespaces. */
export const namespaceFolder = '/run/netns';

export function namespacePath(name: string): string {
  return `${namespaceFolder}/${name}`;
}
