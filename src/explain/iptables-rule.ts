import type { SavedRule } from '../netfilter/iptables-save.ts';
import { parseRule, type SavedTarget, watching } from '../netfilter/saved-rule.ts';
import { ask } from './iptables-match.ts';
import {
  exceptFromTracking,
  next,
  type Outcome,
  type Packet,
  redirect,
  type Surroundings,
  translateDestination,
  translateSource,
} from './packet.ts';

/** What a rule of iptables does to this packet. */
export function judgeIptablesRule(rule: SavedRule, packet: Packet, surroundings: Surroundings): Outcome {
  const { matches, target } = parseRule(rule);
  const answers = matches.map((match) => ({ match, answer: ask(match, packet, surroundings) }));
  if (answers.some(({ answer }) => answer === false) || target === undefined) return next;
  const [doubt] = answers.filter(({ answer }) => answer === undefined);
  if (doubt === undefined) return act(target, packet, surroundings);
  const { module, option } = doubt.match;
  const why = `${module === '' ? option : `-m ${module} ${option}`} cannot be evaluated`;
  return watching.has(target.name) ? next : { kind: 'unknown', why };
}

function act({ name, goto, options }: SavedTarget, packet: Packet, surroundings: Surroundings): Outcome {
  if (goto) return { kind: 'goto', chain: name };
  switch (name) {
    case 'ACCEPT':
      return { kind: 'accept' };
    case 'DROP':
      return { kind: 'drop' };
    case 'REJECT':
      return { kind: 'reject' };
    case 'RETURN':
      return { kind: 'return' };
    case 'DNAT':
      return dnat(options.get('--to-destination') ?? '', packet);
    case 'REDIRECT':
      return redirect(packet, Number(options.get('--to-ports') ?? packet.port), surroundings);
    case 'SNAT':
      return translateSource(packet, firstAddressOf(options.get('--to-source') ?? ''));
    case 'MASQUERADE':
      return translateSource(packet, `an address of ${packet.output}`);
    case 'MARK':
      packet.mark = marked(packet.mark, options);
      return { kind: 'changed', what: `mark is 0x${packet.mark.toString(16)}` };
    case 'CONNMARK':
      if (!packet.followed) return next;
      return connmark(options, packet);
    case 'CT':
    case 'NOTRACK':
      return name === 'NOTRACK' || options.has('--notrack') ? exceptFromTracking(packet) : next;
    case 'QUEUE':
    case 'NFQUEUE':
    case 'TPROXY':
      return { kind: 'unknown', why: `-j ${name} passes it to a program` };
    default:
      return watching.has(name) ? next : { kind: 'jump', chain: name };
  }
}

/** `1.2.3.4`, `1.2.3.4:80`, `[::1]:80`, `:80`; several addresses or ports are chosen from by the kernel. */
function dnat(text: string, packet: Packet): Outcome {
  const [, six, four = '', ports] = /^(?:\[([\da-f:]+)\]|([^:]*))(?::([\d-]+)(?:\/\d+)?)?$/i.exec(text) ?? [];
  const address = six ?? (four === '' && text.includes('::') ? text : four);
  if (/-/.test(`${address}${ports ?? ''}`)) return { kind: 'unknown', why: `${text} is one of several` };
  return translateDestination(
    packet,
    address || packet.destination,
    ports === undefined ? packet.port : Number(ports),
  );
}

function connmark(options: ReadonlyMap<string, string>, packet: Packet): Outcome {
  const [mask = 0xffffffff] = [options.get('--mask') ?? options.get('--nfmask')].flatMap((one) =>
    one === undefined ? [] : [Number(one)],
  );
  if (options.has('--restore-mark'))
    packet.mark = ((packet.mark & ~mask) | (packet.connectionMark & mask)) >>> 0;
  else if (options.has('--save-mark'))
    packet.connectionMark = ((packet.connectionMark & ~mask) | (packet.mark & mask)) >>> 0;
  else packet.connectionMark = marked(packet.connectionMark, options);
  return {
    kind: 'changed',
    what: `marks are 0x${packet.mark.toString(16)} and (ct) 0x${packet.connectionMark.toString(16)}`,
  };
}

/** `--set-xmark VALUE/MASK` clears the mask's bits and flips the value's; `--set-mark` sets them. */
function marked(mark: number, options: ReadonlyMap<string, string>): number {
  const [value = 0, mask = 0xffffffff] = (options.get('--set-xmark') ?? options.get('--set-mark') ?? '')
    .split('/')
    .map(Number);
  if (options.has('--set-xmark')) return ((mark & ~mask) ^ value) >>> 0;
  if (options.has('--set-mark')) return ((mark & ~mask) | value) >>> 0;
  if (options.has('--or-mark')) return (mark | Number(options.get('--or-mark'))) >>> 0;
  return options.has('--and-mark') ? (mark & Number(options.get('--and-mark'))) >>> 0 : mark;
}

/** The address of `ADDRESS[-ADDRESS][:PORT-PORT]`, or the same with an IPv6 address in brackets (iptables-extensions(8), SNAT). */
function firstAddressOf(text: string): string {
  const [, bracketed] = /^\[([^\]-]+)/.exec(text) ?? [];
  if (bracketed !== undefined) return bracketed;
  const [first = ''] = text.split('-');
  return /^[^:]*:[^:]*$/.test(first) ? (first.split(':')[0] ?? '') : first;
}
