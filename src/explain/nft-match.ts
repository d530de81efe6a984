import { names } from '../backends/names.ts';
import { contains, networkOf, parseAddress } from '../model/address.ts';
import { noInterface } from './nft-fib.ts';
import { evaluate, isForeign, isSame, type Scene, type Value } from './nft-value.ts';
import type { Answer } from './packet.ts';

interface Match {
  readonly op: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** A match of nft, evaluated for this packet (libnftables-json(5), "MATCH"). */
export function matches({ op, left, right }: Match, scene: Scene): Answer {
  if (isForeign(left, scene.packet) || isPortTag(left, scene)) return false;
  const value = evaluate(left, scene);
  if (value === undefined || (Array.isArray(value) && value.includes(undefined))) return undefined;
  if (isLabel(left)) return hasLabel(op, value as readonly Value[], right);
  // `exists` and `missing` of a route.
  if (typeof right === 'boolean') return op === '==' ? (value !== noInterface) === right : undefined;
  if (isBits(left)) return bits(op, value as readonly Value[], right);
  switch (op) {
    case '==':
    case 'in':
      return isIn(value, right, scene);
    case '!=':
      return not(isIn(value, right, scene));
    case '<':
    case '>':
    case '<=':
    case '>=':
      return compare(op, value, evaluate(right, scene));
    default:
      return undefined;
  }
}

/** The tags of our bridged ports (`backends/antispoof/`): explain does not trace what the host returns to a bridge of theirs. */
function isPortTag(left: unknown, { chain }: Scene): boolean {
  const parts = (left as { concat?: readonly unknown[] } | null)?.concat ?? [];
  const isTag = (part: unknown) => (part as { payload?: { base?: string } } | null)?.payload?.base === 'll';
  return chain.table === names.table && parts.some(isTag);
}

/** States, statuses and flags: a packet may have several. */
function isBits(left: unknown): boolean {
  const {
    ct,
    payload,
    '&': and,
  } = (left ?? {}) as {
    ct?: { key?: string };
    payload?: { field?: string };
    '&'?: readonly unknown[];
  };
  if (and !== undefined) return isBits(and[0]);
  return ct?.key === 'state' || ct?.key === 'status' || payload?.field === 'flags';
}

function isLabel(left: unknown): boolean {
  return (left as { ct?: { key?: string } } | null)?.ct?.key === 'label';
}

/** One label by its number; a name is in a file of the host's (connlabel.conf). */
function hasLabel(op: string, value: readonly Value[], right: unknown): Answer {
  if (typeof right !== 'number') return undefined;
  return op === 'in' ? value.includes(right) : op === '!' ? !value.includes(right) : undefined;
}

/** `in` asks whether any of them holds, `==` whether just these do, and `!` that none of them does. */
function bits(op: string, value: readonly Value[], right: unknown): Answer {
  const named = (right as { set?: unknown } | null)?.set ?? right;
  const wanted = [named].flat() as Value[];
  if (wanted.some((one) => typeof one !== 'string' && one !== 0)) return undefined;
  const any = wanted.some((one) => value.includes(one));
  const none = wanted.length === 1 && wanted[0] === 0;
  switch (op) {
    case 'in':
      return any;
    case '!':
      return !any;
    case '==':
      return none ? value.length === 0 : isSet(right) ? any : wanted.length === value.length && any;
    case '!=':
      return none ? value.length > 0 : !any;
    default:
      return undefined;
  }
}

function isSet(right: unknown): boolean {
  return typeof right === 'object' && right !== null && 'set' in right;
}

export function not(answer: Answer): Answer {
  return answer === undefined ? undefined : !answer;
}

function compare(op: '<' | '>' | '<=' | '>=', a: Value, b: Value): Answer {
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  if (op === '<') return a < b;
  if (op === '>') return a > b;
  return op === '<=' ? a <= b : a >= b;
}

/** Whether a value equals the right side, or is in it: a value, a network, a range, a set of them. */
export function isIn(value: Value, right: unknown, scene: Scene): Answer {
  if (typeof right === 'string' && right.startsWith('@')) {
    const set = setNamed(right, scene);
    return set === undefined ? undefined : anyOf(set.elements, (one) => fits(value, keyOf(one, set.map)));
  }
  const set = (right as { set?: readonly unknown[] } | null)?.set;
  return set === undefined ? fits(value, right) : anyOf(set, (one) => fits(value, keyOf(one, false)));
}

export function setNamed(reference: string, { ruleset, chain }: Scene) {
  return ruleset.sets.find(
    (one) => one.family === chain.family && one.table === chain.table && `@${one.name}` === reference,
  );
}

/** An element of a map is a pair; one with a counter or a comment is wrapped. */
export function keyOf(element: unknown, map: boolean): unknown {
  const key = map && Array.isArray(element) ? element[0] : element;
  const { elem } = (typeof key === 'object' && key !== null ? key : {}) as { elem?: { val?: unknown } };
  return elem === undefined ? key : elem.val;
}

function anyOf(elements: readonly unknown[], test: (one: unknown) => Answer): Answer {
  let unknown = false;
  for (const one of elements) {
    const answer = test(one);
    if (answer === true) return true;
    unknown ||= answer === undefined;
  }
  return unknown ? undefined : false;
}

/** One pattern: `x*`, a prefix, a range, several in a row. */
export function fits(value: Value, pattern: unknown): Answer {
  if (pattern === '*') return true;
  if (typeof pattern === 'string' || typeof pattern === 'number') {
    if (typeof value === 'string' && typeof pattern === 'string' && pattern.endsWith('*'))
      return value.startsWith(pattern.slice(0, -1));
    return isSame(value, pattern);
  }
  const { prefix, range, concat } = (pattern ?? {}) as {
    prefix?: { addr: string; len: number };
    range?: readonly [unknown, unknown];
    concat?: readonly unknown[];
  };
  if (prefix !== undefined)
    return typeof value === 'string' && parseAddress(value) !== undefined
      ? contains(networkOf(prefix.addr, prefix.len), value)
      : undefined;
  if (range !== undefined) return between(value, range);
  if (concat === undefined || !Array.isArray(value) || value.length !== concat.length) return undefined;
  const answers = concat.map((one, index) => fits((value as readonly Value[])[index], one));
  if (answers.includes(false)) return false;
  return answers.includes(undefined) ? undefined : true;
}

function between(value: Value, [from, to]: readonly [unknown, unknown]): Answer {
  if (typeof value === 'number' && typeof from === 'number' && typeof to === 'number')
    return from <= value && value <= to;
  if (typeof value !== 'string' || typeof from !== 'string' || typeof to !== 'string') return undefined;
  const [a, b, c] = [from, value, to].map(sortable);
  return a === undefined || b === undefined || c === undefined ? undefined : a <= b && b <= c;
}

/** IPv4 alone: ranges of IPv6 addresses are rare. */
function sortable(text: string): number | undefined {
  if (parseAddress(text) === undefined || text.includes(':')) return undefined;
  return text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}
