import { type Address, contains, familyName, familyOf, networkOf } from '../model/address.ts';
import type { Nic } from '../model/guest.ts';
import type { NamespaceRequest, PlacedAddress } from '../model/namespace.ts';
import { quoted, UserError } from '../model/problem.ts';
import { derivedMac, hostEndOf } from './derived-mac.ts';
import { type Connection, gatewaysOf, ownGateway } from './gateways.ts';
import { hostEndLines, placed, single, withoutWaiting } from './host-end.ts';
import type { NamespaceFacts } from './namespace-facts.ts';

/** How a namespace is made: lines for `ip -batch`, and what it is as a guest. */
export interface NamespacePlan {
  /** On the host, after the namespace is there. */
  readonly outside: readonly string[];
  /** In the namespace, after those. */
  readonly inside: readonly string[];
  /** The interface on the host that leads to it; undefined: it has the device of an uplink. */
  readonly hostEnd?: string;
  readonly nic: Nic;
  readonly gateways: readonly Address[];
  /** What the administrator may want to know. */
  readonly notes: readonly string[];
}

/** The interface in each namespace. */
const inner = 'eth0';

/**
 * Plans the links, addresses and routes of a namespace. With a link of its own, the host has the gateway's address on its end, and a
 * route to each address of the namespace alone: namespaces of one network need no bridge. Pure.
 *
 * @throws UserError if the host lacks what the request names, or has its network already
 */
export function planNamespace(request: NamespaceRequest, facts: NamespaceFacts): NamespacePlan {
  const { name, addresses, link } = request;
  const mistakes = mistakesOf(request, facts);
  if (mistakes.length > 0) throw new UserError(`namespace ${quoted(name)}: ${mistakes.join('; ')}`);
  const gateways = gatewaysOf(request, facts);
  const mac = request.mac ?? derivedMac(facts.machine, 'namespace', name);
  const hostEnd = hostEndOf(name);
  const isOwn = link.kind === 'own';
  const families = [...new Set(addresses.map(({ address }) => familyOf(address)))];
  const lacking = families.filter((family) => !gateways.some((gateway) => familyOf(gateway) === family));
  const isPort = link.kind === 'own' || link.kind === 'bridge';
  return {
    outside: outsideLines(request, hostEnd, mac, gateways, facts.machine),
    inside: [
      'link set lo up',
      ...(isPort ? [] : [`link set ${hostEnd} name ${inner}`]),
      ...addresses.map((one) => `addr add ${placed(one)} dev ${inner}${flags(one, isOwn)}`),
      `link set ${inner} up`,
      ...(isOwn ? gateways.map((gateway) => `route add ${single(gateway)} dev ${inner}`) : []),
      ...gateways.map((gateway) => `route add default via ${gateway} dev ${inner}`),
    ],
    ...(isPort && { hostEnd }),
    nic: {
      mac,
      ...(link.kind === 'bridge' && { bridge: link.bridge }),
      ...(isPort ? { tap: hostEnd } : { unseen: link.kind }),
      addresses: addresses.map(({ address }) => address),
    },
    gateways,
    notes: lacking.map(
      (family) => `it has no default route of ${familyName(family)} (to give it one: --gateway)`,
    ),
  };
}

function outsideLines(
  { name, addresses, link }: NamespaceRequest,
  hostEnd: string,
  mac: string,
  gateways: readonly Address[],
  machine: string,
): string[] {
  const pair = `link add ${hostEnd} address ${derivedMac(machine, 'host', name)} type veth peer name ${inner} address ${mac} netns ${name}`;
  const device = (uplink: string, type: string) => [
    `link add link ${uplink} name ${hostEnd} address ${mac} type ${type}`,
    `link set ${hostEnd} netns ${name}`,
  ];
  switch (link.kind) {
    case 'own':
    case 'bridge':
      return [pair, ...hostEndLines(hostEnd, link, addresses, gateways)];
    case 'vlan':
      return device(link.uplink, `vlan id ${link.vlan}`);
    case 'macvlan':
      return device(link.uplink, 'macvlan mode bridge');
    case 'shared':
      return [];
  }
}

/** The host's routes lead to single addresses: the namespace must not take its network for a link of neighbours. */
function flags({ address }: PlacedAddress, isOwn: boolean): string {
  return `${isOwn ? ' noprefixroute' : ''}${withoutWaiting(address)}`;
}

/** What the host lacks for a connection, or has already. Pure. */
export function mistakesOf(request: Connection, facts: NamespaceFacts): string[] {
  const { addresses, link, gateways } = request;
  const device = deviceOf(link);
  const kind = device === undefined ? undefined : facts.interfaceKind(device);
  const own = addresses.filter(({ address }) => facts.held.some((one) => one.address === address));
  return [
    ...own.map(({ address }) => `${address} is an address of this host`),
    ...(device !== undefined && kind === undefined ? [`the host has no interface ${quoted(device)}`] : []),
    ...(link.kind === 'bridge' && kind === 'port' ? [`${quoted(link.bridge)} is not a bridge`] : []),
    ...(link.kind === 'own' ? addresses.flatMap((one) => mistakesOfOwn(one, gateways, facts)) : []),
  ];
}

function deviceOf(link: NamespaceRequest['link']): string | undefined {
  if (link.kind === 'own' || link.kind === 'shared') return undefined;
  return link.kind === 'bridge' ? link.bridge : link.uplink;
}

/** A network that the host has on another interface would lose its router, or its neighbours, to the namespace. */
function mistakesOfOwn(one: PlacedAddress, gateways: readonly Address[], { held }: NamespaceFacts): string[] {
  const network = networkOf(one.address, one.prefix);
  const other = held.find((own) => contains(network, own.address) && !isHostEnd(own.interface));
  if (other !== undefined)
    return [`${network} is the network of ${other.interface} (use another one, or --bridge)`];
  const has = gateways.some((gateway) => familyOf(gateway) === familyOf(one.address));
  return has || ownGateway(one) !== undefined
    ? []
    : [`${network} has no address for the host (use --gateway)`];
}

/** Of namespaces, and of guests that share one. */
function isHostEnd(name: string): boolean {
  return /^g(?:n-|v\d)/.test(name);
}
