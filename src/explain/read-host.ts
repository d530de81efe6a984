import { type Address, contains, type Family, parseAddress } from '../model/address.ts';
import type { KernelCommand } from '../model/command.ts';
import { readProgramJson } from '../model/program-output.ts';
import { parseSavedTables } from '../netfilter/iptables-save.ts';
import { listRuleset, parseListedRuleset } from '../netfilter/listed-ruleset.ts';
import { type Rules, ruleTexts } from './hooked-chains.ts';
import type { Host, Route } from './host-facts.ts';
import type { AddressType, Packet } from './packet.ts';

/** Runs a program and returns what it printed; undefined if it failed. */
export type Ask = (command: KernelCommand) => string | undefined;

/** The host's ruleset, of every kind. */
export function readRules(family: Family, legacy: boolean, ask: Ask): Rules {
  const iptables = family === 'ip' ? 'iptables' : 'ip6tables';
  const text = (program: string, ...args: string[]) => ask({ program, args }) ?? '';
  const json = ask(listRuleset);
  return {
    family,
    ties: 'newer',
    ruleset: json === undefined ? { chains: [], sets: [] } : parseListedRuleset(json),
    texts: ruleTexts(text('nft', '-a', 'list', 'ruleset')),
    saved: {
      nft: parseSavedTables(text(`${iptables}-nft-save`)),
      legacy: legacy ? parseSavedTables(text(`${iptables}-legacy-save`)) : [],
    },
  };
}

/** An address as `ip -j address` tells it. */
interface Listed {
  readonly ifname: string;
  readonly addr_info?: readonly { readonly local?: string; readonly broadcast?: string }[];
}

/** What decides besides rules. Asks the kernel for its routes. */
export function readHostOf(family: Family, forwards: boolean, ask: Ask): Host {
  const version = family === 'ip' ? '-4' : '-6';
  const listed = askIp<Listed>(ask, [version, 'address']);
  const addresses = listed.flatMap(({ addr_info = [] }) => addr_info);
  const local = new Set(addresses.flatMap((one) => normal(one.local)));
  const broadcast = new Set(addresses.flatMap((one) => normal(one.broadcast)));
  return {
    forwards,
    firstAddress: (name) => {
      const [first] = listed.find(({ ifname }) => ifname === name)?.addr_info ?? [];
      return normal(first?.local)[0];
    },
    addressType: (address) => typeOf(address, local, broadcast),
    route: (packet) => routeOf(packet, version, ask),
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

function routeOf({ destination, source, input, mark }: Packet, version: string, ask: Ask): Route {
  const from = input === undefined ? [] : ['from', source, 'iif', input];
  const marked = mark === 0 ? [] : ['mark', String(mark)];
  return routeOfAnswer(askIp(ask, [version, 'route', 'get', destination, ...from, ...marked]));
}

function routeOfAnswer([route]: readonly { type?: string; dev?: string }[]): Route {
  if (route?.dev === undefined || ['unreachable', 'blackhole', 'prohibit'].includes(route.type ?? ''))
    return { kind: 'none' };
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
