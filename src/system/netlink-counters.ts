import { flag, openNetlink } from './netlink.ts';
import { attributes, message, nested, number, raw, text, walk } from './netlink-message.ts';

/*
 * The counters of some elements of nftables' sets, each looked up by its key. Numbers are those of
 * linux/netfilter/nf_tables.h.
 */

const families: Readonly<Record<string, number>> = { ip: 2, ip6: 10 };
const getElement = 0x0a0d;
const list = { table: 1, set: 2, elements: 3 } as const;
const attribute = { key: 1, expression: 7, keyEnd: 10, expressions: 11 } as const;

/** The key of an element, as the kernel has it. */
export interface SetKey {
  readonly set: string;
  readonly key: Buffer;
  /** The end of a range, in a set of intervals. */
  readonly end?: Buffer;
}

export interface SetCounter {
  readonly packets: number;
  readonly bytes: number;
}

/** In the order of the keys, undefined where there is no such element; undefined if the kernel cannot be asked. */
export function readSetCounters(
  family: string,
  table: string,
  keys: readonly SetKey[],
): readonly (SetCounter | undefined)[] | undefined {
  const number_ = families[family];
  const netlink = openNetlink();
  if (netlink === undefined || number_ === undefined) return undefined;
  try {
    return keys.map(({ set, key, end }) => {
      const parts = [
        nested(attribute.key, raw(1, key)),
        ...(end === undefined ? [] : [nested(attribute.keyEnd, raw(1, end))]),
      ];
      const element = nested(list.elements, nested(1, Buffer.concat(parts)));
      const question = [text(list.table, table), text(list.set, set), element];
      return netlink.ask(message(getElement, flag.request, number_, question), readElement)?.[0];
    });
  } finally {
    netlink.close();
  }
}

/** The counter of the element in an answer. */
export function readElement(body: Buffer): SetCounter | undefined {
  const [element] = walk(attributes(body).get(list.elements) ?? Buffer.alloc(0));
  const parts = attributes(element?.value);
  const one = parts.get(attribute.expression);
  const several = parts.get(attribute.expressions);
  const expressions = [
    ...(one === undefined ? [] : [one]),
    ...(several === undefined ? [] : [...walk(several)].map(({ value }) => value)),
  ];
  for (const expression of expressions.map(attributes)) {
    if (expression.get(1)?.toString('latin1') !== 'counter\0') continue;
    const counter = attributes(expression.get(2));
    return { bytes: number(counter.get(1)), packets: number(counter.get(2)) };
  }
  return undefined;
}
