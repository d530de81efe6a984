import { type Address, contains, type Family, parseAddress } from '../model/address.ts';
import type { KernelCommand } from '../model/command.ts';
import { readProgramJson } from '../model/program-output.ts';
import { completeSave } from '../netfilter/incompatible-tables.ts';
import { parseSavedTables } from '../netfilter/iptables-save.ts';
import {
  type ListedRuleset,
  type ListedSet,
  listRuleset,
  parseListedRuleset,
} from '../netfilter/listed-ruleset.ts';
import { type Rules, ruleTexts } from './hooked-chains.ts';
import type { Host, Route, RoutingSettings } from './host-facts.ts';
import type { AddressType, Packet } from './packet.ts';

/** Runs a program and returns what it printed; undefined if it failed. */
export type Ask = (command: KernelCommand) => string | undefined;

/** nftables' whole ruleset: the same in both families. */
export type NftRuleset = Pick<Rules, 'ruleset' | 'texts'>;

export function readRuleset(ask: Ask): NftRuleset {
  const command = { ...listRuleset, args: ['-j', '-t', ...listRuleset.args.slice(1)] };
  const json = ask(command);
  const declared = json === undefined ? { chains: [], sets: [] } : parseListedRuleset(json, command);
  return {
    ruleset: { ...declared, sets: setsOf(declared, ask) },
    texts: ruleTexts(ask({ program: 'nft', args: ['-a', '-t', 'list', 'ruleset'] }) ?? ''),
  };
}

/** The sets with their elements, a table at a time: a table of guestgate's with many guests may have been listed before. */
function setsOf({ sets }: ListedRuleset, ask: Ask): readonly ListedSet[] {
  const tables = new Map(sets.map(({ family, table }) => [`${family} ${table}`, { family, table }]));
  return [...tables.values()].flatMap(({ family, table }) => {
    const command = { program: 'nft', args: ['-j', 'list', 'table', family, table] };
    const json = ask(command);
    return json === undefined ? [] : parseListedRuleset(json, command).sets;
  });
}

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
  const version = family === 'ip' ? '-4' : '-6';
  const listed = askIp<Listed>(ask, [version, 'address']);
  const addresses = listed.flatMap(({ addr_info = [] }) => addr_info);
  const local = new Set(addresses.flatMap((one) => normal(one.local)));
  const broadcast = new Set(addresses.flatMap((one) => normal(one.broadcast)));
  const routes = new Map<string, Route>();
  const towards = new Map<Address, Route>();
  return {
    firstAddress: (name) => {
      const [first] = listed.find(({ ifname }) => ifname === name)?.addr_info ?? [];
      return normal(first?.local)[0];
    },
    addressType: (address) => typeOf(address, local, broadcast),
    isRoutedTo: (address, name) => {
      const known = towards.get(address) ?? routeOfAnswer(askIp(ask, [version, 'route', 'get', address]));
      towards.set(address, known);
      return known.kind === 'out' && known.interface === name;
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
    routeOfAnswer(askIp(ask, [version, 'route', 'get', destination, ...from, ...marked]));
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
  const version = family === 'ip' ? '-4' : '-6';
  const route = routeOfAnswer(askIp(ask, [version, 'route', 'get', address]));
  return route.kind === 'out' ? route.interface : undefined;
}

/** `ip -j`; nothing where it fails: there is no such route. @throws CommandError if what it prints is not whole */
function askIp<T>(ask: Ask, words: readonly string[]): readonly T[] {
  const command = { program: 'ip', args: ['-j', ...words] };
  const text = ask(command);
  if (text === undefined) return [];
  return readProgramJson(text, command, (value) => {
    if (!Array.isArray(value)) throw new TypeError('no array');
    return value as T[];
  });
}

/** A route as `ip -j route` tells it. */
export interface ListedRoute {
  /** `default`, an address or a network. */
  readonly dst: string;
  readonly dev?: string;
  /** `local`, `broadcast` ...; undefined: unicast. */
  readonly type?: string;
}

/** The routes of all tables. */
export function listRoutes(family: Family, ask: Ask): readonly ListedRoute[] {
  return askIp(ask, [family === 'ip' ? '-4' : '-6', 'route', 'show', 'table', 'all']);
}

/** Whether the kernel has asked for a neighbour in vain (ip-neighbour(8), "nud"). */
export function isUnresolved(address: Address, ask: Ask): boolean {
  const found = askIp<{ state?: readonly string[] }>(ask, ['neighbour', 'show', 'to', address]);
  const isVain = (state: string) => state === 'FAILED' || state === 'INCOMPLETE';
  return found.length > 0 && found.every(({ state = [] }) => state.some(isVain));
}
