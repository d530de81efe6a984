import { type Address, isSingle, parseAddress, parseNetwork } from '../model/address.ts';
import { formatHost } from '../model/host-address.ts';
import { isProtocol } from '../model/port.ts';
import { wordsOf } from '../netfilter/iptables-save.ts';
import { type Match, type ParsedRule, parseRule } from '../netfilter/saved-rule.ts';
import type { ForwardTerms } from '../publish/new-forwards.ts';

/** A rule that was translated, or why it was not. */
export type SavedNat =
  | {
      readonly kind: 'forward';
      readonly line: number;
      readonly guest: Address;
      /** Forwards in docker's syntax. */
      readonly texts: readonly string[];
      readonly terms: ForwardTerms;
    }
  | {
      readonly kind: 'one-to-one' | 'snat';
      readonly line: number;
      readonly guest: Address;
      readonly address: Address;
    }
  | { readonly kind: 'untranslated'; readonly line: number; readonly text: string; readonly why: string };

/** Chains of libvirt's and of ours, which are not the administrator's. */
const foreignChain = /^(LIBVIRT_|guestgate|GG[-_])/i;

/**
 * Reads the rules of `iptables-save` or `ip6tables-save` that lead to guests: DNAT in PREROUTING, SNAT in POSTROUTING, and
 * what drops or rejects in FORWARD. Pure.
 */
export function readSavedNat(text: string): SavedNat[] {
  let table = '';
  return text.split('\n').flatMap((line, index): SavedNat[] => {
    if (line.startsWith('*')) table = line.slice(1).trim();
    // With counters: [12:720] -A PREROUTING ...
    const bare = line.replace(/^\[\d+:\d+\] /, '');
    if (!bare.startsWith('-A ')) return [];
    const [, chain = '', ...words] = wordsOf(bare);
    const found = readRule(table, chain, parseRule({ text: bare, words }));
    if (found === undefined) return [];
    const place = { line: index + 1 };
    return [
      typeof found === 'string'
        ? { ...place, kind: 'untranslated', text: bare, why: found }
        : { ...place, ...found },
    ];
  });
}

type Nat = SavedNat extends infer One
  ? One extends { kind: 'untranslated' }
    ? never
    : Omit<One, 'line'>
  : never;

/** @returns undefined for a rule that is not about guests; a text says why it is not translated */
function readRule(table: string, chain: string, rule: ParsedRule): Nat | string | undefined {
  const target = rule.target?.name;
  if (foreignChain.test(chain) || target === undefined || foreignChain.test(target)) return undefined;
  if (table === 'filter' && chain === 'FORWARD')
    return target === 'DROP' || target === 'REJECT'
      ? 'guestgate admits what its forwards name: use allow_from or deny_from for what this rule keeps out'
      : undefined;
  if (table !== 'nat') return undefined;
  if (target === 'DNAT' && chain === 'OUTPUT') return undefined; // The host reaches forwards anyway.
  if (target === 'DNAT' && chain === 'PREROUTING') return readDnat(rule);
  if (target === 'SNAT' && chain === 'POSTROUTING') return readSnat(rule);
  if (target === 'MASQUERADE')
    return "libvirt's NAT networks masquerade, and masquerade = true does it for forwards";
  if (target === 'DNAT' || target === 'SNAT')
    return `it is in chain ${chain}: only PREROUTING and POSTROUTING are read`;
  return /^(NETMAP|REDIRECT)$/.test(target) ? `guestgate has no ${target}` : undefined;
}

interface Read {
  host?: Address;
  sources: string[];
  uplink?: string;
  protocol?: string;
  ports: string[];
}

function readDnat({ matches, target }: ParsedRule): Nat | string {
  const read = readMatches(matches);
  if (typeof read === 'string') return read;
  const options = [...(target?.options ?? [])];
  const destination = target?.options.get('--to-destination') ?? '';
  if (options.length !== 1) return `guestgate has no ${options.map(([name]) => name).join(' ')}`;
  const [, bracketed, plain, guestPorts] =
    /^(?:\[([^\]]+)\]|([\d.]+|[\da-f:]+?))(?::([\d-]+))?$/i.exec(destination) ?? [];
  const guest =
    parseAddress(bracketed ?? plain ?? parseAddress(destination) ?? '') ?? parseAddress(destination);
  if (guest === undefined) return `it leads to ${destination}, not to one address`;
  const { host, protocol, ports, sources, uplink } = read;
  if (protocol === undefined || ports.length === 0) {
    if (host === undefined) return 'it takes all ports of all addresses';
    if (protocol !== undefined || sources.length > 0 || uplink !== undefined)
      return 'a one-to-one address takes every protocol from every source and interface';
    return { kind: 'one-to-one', guest, address: host };
  }
  const prefix = host === undefined ? '' : `${formatHost(host)}:`;
  const texts = ports.map((port) =>
    textOf(prefix, port, parseAddress(destination) === undefined ? guestPorts : undefined, protocol),
  );
  if (texts.includes(undefined))
    return `it sends several ports to ${guestPorts}: a forward keeps their order`;
  return {
    kind: 'forward',
    guest,
    texts: texts.flatMap((text) => text ?? []),
    terms: {
      ...(sources.length > 0 && { from: sources }),
      ...(uplink !== undefined && host === undefined && { uplink }),
    },
  };
}

function textOf(
  prefix: string,
  port: string,
  guestPorts: string | undefined,
  protocol: string,
): string | undefined {
  if (guestPorts !== undefined && guestPorts !== port && (port.includes('-') || guestPorts.includes('-')))
    return undefined;
  const both =
    prefix === '' && (guestPorts ?? port) === port ? port : `${prefix}${port}:${guestPorts ?? port}`;
  return protocol === 'tcp' ? both : `${both}/${protocol}`;
}

function readSnat({ matches, target }: ParsedRule): Nat | string {
  const sources = matches.filter(({ option }) => option === '-s');
  const rest = matches.filter(({ option }) => option !== '-s' && option !== '-o' && option !== '--comment');
  const network = parseNetwork(sources[0]?.words[0] ?? '');
  const address = parseAddress(target?.options.get('--to-source') ?? '');
  if (network === undefined || sources.some(({ negated }) => negated))
    return 'it does not name the guest by its source';
  if (!isSingle(network))
    return `it is for a network: set snat in [network.NAME] for libvirt's network ${network}`;
  if (address === undefined || target?.options.size !== 1) return 'it does not lead to one address';
  if (rest.length > 0)
    return `snat of a guest has no condition ${rest.map(({ option }) => option).join(' ')}`;
  const [guest = ''] = network.split('/');
  return { kind: 'snat', guest, address };
}

/** @returns a text if one of them has no counterpart */
function readMatches(matches: readonly Match[]): Read | string {
  const read: Read = { sources: [], ports: [] };
  for (const { option, words, negated } of matches) {
    const [word = ''] = words;
    if (negated) return `guestgate has no negated ${option}`;
    const network = parseNetwork(word);
    switch (option) {
      case '-d':
        if (network === undefined || !isSingle(network)) return `${word} is not one address of the host`;
        read.host = network.split('/')[0] ?? '';
        break;
      case '-s':
        if (network === undefined) return `${word} is not a network`;
        read.sources.push(network);
        break;
      case '-i':
        if (word.endsWith('+')) return `guestgate has no pattern of interfaces: ${word}`;
        read.uplink = word;
        break;
      case '-p':
        if (!isProtocol(word)) return `${word} has no ports that can be forwarded`;
        read.protocol = word;
        break;
      case '--dport':
      case '--dports':
        read.ports.push(...word.split(',').map((port) => port.replace(':', '-')));
        break;
      case '--dst-type':
        if (word !== 'LOCAL') return `guestgate has no ${option} ${word}`;
        break;
      case '--ctstate':
        if (word !== 'NEW') return `guestgate has no ${option} ${word}`;
        break;
      case '--comment':
        break;
      default:
        return `guestgate has no ${option}`;
    }
  }
  return read;
}
