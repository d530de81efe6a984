import { type Address, contains, type Family, parseAddress } from '../model/address.ts';
import { completeSave } from '../netfilter/incompatible-tables.ts';
import { parseSavedTables } from '../netfilter/iptables-save.ts';
import { type Ask, askIp, versionOf } from '../system/ask-ip.ts';
import type { Rules } from './hooked-chains.ts';
import type { Host, Route, RoutingSettings } from './host-facts.ts';
import type { AddressType, Packet } from './packet.ts';
import type { NftRuleset } from './read-ruleset.ts';

/** The host's rules in a family, of every kind. @param legacy whether iptables-legacy has tables */
export function rulesOf(family: Family, nft: NftRuleset, legacy: boolean, ask: Ask): Rules {
  const iptables = family === 'ip' ? 'iptables' : 'ip6tables';
  const saved = (program: string) => {
    const command = { program, args: [] };
    return parseSavedTables(completeSave(ask(command) ?? '', command, ask));
  };
  return {
    ...nft,
    family,
    ties: 'newer',
    saved: {
      nft: saved(`${iptables}-nft-save`),
      legacy: legacy ? saved(`${iptables}-legacy-save`) : [],
    },
  };
}

/** An address as `ip -j address` tells it. */
interface Listed {
  readonly ifname: string;
  readonly addr_info?: readonly { readonly local?: string; readonly broadcast?: string }[];
}

/** What decides besides rules. Asks the kernel for its routes, for each once. */
export function readHostOf(family: Family, settings: RoutingSettings, ask: Ask): Host {
  const version = versionOf(family);
  const listed = askIp<Listed>([version, 'address'], ask);
  const addresses = listed.flatMap(({ addr_info = [] }) => addr_info);
  const local = new Set(addresses.flatMap((one) => normal(one.local)));
  const broadcast = new Set(addresses.flatMap((one) => normal(one.broadcast)));
  const routes = new Map<string, Route>();
  const towards = new Map<string, Route>();
  return {
    firstAddress: (name) => {
      const [first] = listed.find(({ ifname }) => ifname === name)?.addr_info ?? [];
      return normal(first?.local)[0];
    },
    addressType: (address) => typeOf(address, local, broadcast),
    addressTypeOn: (address, name) => {
      const own = listed.find(({ ifname }) => ifname === name)?.addr_info ?? [];
      const [held, shared] = [
        own.flatMap((one) => normal(one.local)),
        own.flatMap((one) => normal(one.broadcast)),
      ];
      return typeOf(address, new Set(held), new Set(shared));
    },
    interfaceTo: (address, mark) => {
      const words = mark === 0 ? [address] : [address, 'mark', String(mark)];
      const known =
        towards.get(words.join(' ')) ?? routeOfAnswer(askIp([version, 'route', 'get', ...words], ask));
      towards.set(words.join(' '), known);
      return known.kind === 'out' ? known.interface : undefined;
    },
    route: (packet) => {
      const { destination, source, input, mark } = packet;
      const key = [destination, source, input, mark].join(' ');
      const route = routes.get(key) ?? routeOf(packet, version, settings, ask);
      routes.set(key, route);
      return route;
    },
  };
}

function normal(text: string | undefined): Address[] {
  const address = text === undefined ? undefined : parseAddress(text);
  return address === undefined ? [] : [address];
}

function typeOf(address: Address, local: ReadonlySet<string>, broadcast: ReadonlySet<string>): AddressType {
  if (local.has(address) || contains('127.0.0.0/8', address) || address === '::1') return 'local';
  if (broadcast.has(address) || address === '255.255.255.255') return 'broadcast';
  return contains('224.0.0.0/4', address) || contains('ff00::/8', address) ? 'multicast' : 'unicast';
}

function routeOf(packet: Packet, version: string, settings: RoutingSettings, ask: Ask): Route {
  const { destination, source, input, mark } = packet;
  const marked = mark === 0 ? [] : ['mark', String(mark)];
  const get = (...from: string[]) =>
    routeOfAnswer(askIp([version, 'route', 'get', destination, ...from, ...marked], ask));
  if (input === undefined) return get();
  const route = get('from', source, 'iif', input);
  if (route.kind !== 'none') return route;
  // The kernel gives no reason, and refuses a packet from an interface for others than one of its own.
  const other = get();
  if (other.kind !== 'out') return other.kind === 'none' ? other : route;
  const why = !settings.forwards(input)
    ? 'forwarding'
    : settings.checksSources(input)
      ? 'rp-filter'
      : 'no-route';
  return { kind: 'none', why, otherwise: other.interface };
}

function routeOfAnswer([route]: readonly { type?: string; dev?: string }[]): Route {
  if (route?.dev === undefined || ['unreachable', 'blackhole', 'prohibit'].includes(route.type ?? ''))
    return { kind: 'none', why: 'no-route' };
  return route.type === 'local' ? { kind: 'local' } : { kind: 'out', interface: route.dev };
}

/** The interface on which packets from an address arrive; undefined: the host itself, or unknown. */
export function interfaceTowards(address: Address, family: Family, ask: Ask): string | undefined {
  const version = versionOf(family);
  const route = routeOfAnswer(askIp([version, 'route', 'get', address], ask));
  return route.kind === 'out' ? route.interface : undefined;
}

/** A route as `ip -j route` tells it. */
export interface ListedRoute {
  /** `default`, an address or a network. */
  readonly dst: string;
  readonly dev?: string;
  /** `local`, `broadcast` ...; undefined: unicast. */
  readonly type?: string;
  /** In place of `dev`, of a route with several ways (ip-route(8), nexthop). */
  readonly nexthops?: readonly { readonly dev?: string }[];
}

/** The routes of all tables. */
export function listRoutes(family: Family, ask: Ask): readonly ListedRoute[] {
  return askIp([versionOf(family), 'route', 'show', 'table', 'all'], ask);
}

/** The neighbours that the kernel has asked for in vain (ip-neighbour(8), "nud"). */
export function unresolvedNeighbours(family: Family, ask: Ask): ReadonlySet<Address> {
  const found = askIp<ListedNeighbour>([versionOf(family), 'neighbour', 'show'], ask);
  const isVain = ({ state = [] }: ListedNeighbour) =>
    state.some((one) => one === 'FAILED' || one === 'INCOMPLETE');
  const resolved = new Set(found.filter((one) => !isVain(one)).flatMap(({ dst }) => normal(dst)));
  const vain = found.filter(isVain).flatMap(({ dst }) => normal(dst));
  return new Set(vain.filter((address) => !resolved.has(address)));
}

/** A neighbour as `ip -j neighbour` tells it. */
interface ListedNeighbour {
  readonly dst?: string;
  readonly state?: readonly string[];
}
