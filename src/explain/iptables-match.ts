import { contains, parseNetwork } from '../model/address.ts';
import type { Match } from '../netfilter/saved-rule.ts';
import type { AddressType, Answer, Packet, Surroundings } from './packet.ts';

/** Whether an option of a rule holds for this packet (iptables(8), iptables-extensions(8)). */
export function ask(match: Match, packet: Packet, surroundings: Surroundings): Answer {
  // Where there is no connection yet, its mark is asked for in vain, whichever way round.
  if (match.module === 'connmark' && !packet.followed) return false;
  const answer = plain(match, packet, surroundings);
  return answer === undefined || !match.negated ? answer : !answer;
}

function plain({ module, option, words }: Match, packet: Packet, surroundings: Surroundings): Answer {
  const [word = ''] = words;
  switch (option) {
    case '-s':
      return inNetwork(word, packet.source);
    case '-d':
      return inNetwork(word, packet.destination);
    case '-i':
      return isInterface(word, packet.input);
    case '-o':
      return isInterface(word, packet.output);
    case '-p':
      return word === 'all' || word === packet.protocol;
    case '--dport':
    case '--dports':
      return inPorts(word, packet.port);
    case '--sport':
    case '--sports':
      return inPorts(word, packet.sourcePort);
    case '--ports':
      return inPorts(word, packet.port) || inPorts(word, packet.sourcePort);
    case '--ctstate':
    case '--state':
      return hasState(word.split(','), packet);
    case '--mark':
      return hasMark(word, module === 'connmark' ? packet.connectionMark : packet.mark);
    case '--dst-type':
      return isType(word, surroundings.addressType(packet.destination));
    case '--src-type':
      return isType(word, surroundings.addressType(packet.source));
    case '--invert':
      return module === 'rpfilter' ? !isRoutedBack(packet, surroundings) : undefined;
    case '--ctorigdst':
      return inNetwork(word, packet.original.destination);
    case '--ctorigdstport':
      return inPorts(word, packet.original.port);
    case '--ctstatus':
      return hasStatus(word.split(','));
    case '--label':
      return hasLabel(word, packet);
    case '--ctdir':
      return word === 'ORIGINAL';
    case '--tcp-flags':
      return packet.protocol === 'tcp' ? hasFlags(words) : false;
    case '--syn':
      return packet.protocol === 'tcp';
    case '--icmp-type':
    case '--icmpv6-type':
      return false;
    case '--src-range':
    case '--dst-range':
      return undefined;
    default:
      return harmless.has(option) ? true : ofMatch(module);
  }
}

/** Strict reverse path forwarding (RFC 3704). What the host itself sends comes by no interface: there is nothing to compare. */
function isRoutedBack({ source, input }: Packet, { interfaceTo }: Surroundings): boolean {
  return input === undefined || interfaceTo(source, 0) === input;
}

/** Rates are taken to be within their limits; the rest of these only says more of another option. */
const harmless = new Set([
  '--comment',
  '--limit',
  '--limit-burst',
  '--hashlimit-upto',
  '--connlimit-upto',
  '--connlimit-mask',
  '--connlimit-saddr',
  '--hashlimit-burst',
  '--hashlimit-mode',
  '--hashlimit-name',
  '--ctproto',
]);

/** A packet that is routed came by no bridge's port, as far as iptables is concerned. */
function ofMatch(module: string): Answer {
  return module === 'physdev' ? false : undefined;
}

function inNetwork(text: string, address: string): Answer {
  const network = parseNetwork(text);
  return network === undefined ? undefined : contains(network, address);
}

/** `eth+` is any that begins so. */
function isInterface(pattern: string, name: string | undefined): boolean {
  if (name === undefined) return false;
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** `80`, `80:90`, `53,80:90`. */
function inPorts(text: string, port: number): boolean {
  return text.split(',').some((part) => {
    const [first = '', last = first] = part.split(':');
    return Number(first || 0) <= port && port <= Number(last || 65535);
  });
}

function hasState(states: readonly string[], packet: Packet): boolean {
  const own = [!packet.tracked ? 'UNTRACKED' : packet.followed ? 'NEW' : 'INVALID'];
  if (packet.destinationTranslated) own.push('DNAT');
  if (packet.sourceTranslated) own.push('SNAT');
  return states.some((state) => own.includes(state));
}

/** The first packet of a connection has none of them, unless a helper expected it. */
function hasStatus(statuses: readonly string[]): boolean {
  return statuses.includes('NONE');
}

/** By its number; a name is in a file of the host's (connlabel.conf). */
function hasLabel(text: string, { connectionLabels }: Packet): Answer {
  const number = Number(text.replaceAll('"', ''));
  return Number.isInteger(number) ? connectionLabels.includes(number) : undefined;
}

/** `0x1/0xff`. */
function hasMark(text: string, mark: number): boolean {
  const [value, mask = 0xffffffff] = text.split('/').map(Number);
  return (mark & mask) >>> 0 === (value ?? 0) >>> 0;
}

const knownTypes: readonly string[] = ['LOCAL', 'BROADCAST', 'MULTICAST', 'UNICAST'];

function isType(text: string, type: AddressType): Answer {
  const types = text.split(',');
  if (types.some((one) => one === type.toUpperCase())) return true;
  return types.every((one) => knownTypes.includes(one)) ? false : undefined;
}

/** The first packet of a connection has SYN, and nothing else. */
function hasFlags([mask = '', set = '']: readonly string[]): boolean {
  const looked = mask === 'ALL' ? ['SYN'] : mask.split(',').filter((flag) => flag === 'SYN');
  const wanted = set === 'NONE' ? [] : set === 'ALL' ? ['ACK'] : set.split(',');
  return looked.length === wanted.length && wanted.every((flag) => looked.includes(flag));
}
