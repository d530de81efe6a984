import type { ChainName, ListedRule } from '../model/chain.ts';
import { flag, openNetlink } from './netlink.ts';
import { attributes, message, number, text, walk } from './netlink-message.ts';

/*
 * The rules of one chain, asked of the kernel itself: `nft list chain` says the same, and takes thirty times as long,
 * most of it for being started. Only looks; rules are changed by nft alone.
 * Numbers are those of linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h.
 */

const families: Readonly<Record<string, number>> = { inet: 1, ip: 2, bridge: 7, ip6: 10 };

/** Messages of the nf_tables subsystem (10). */
const getTable = 0x0a01;
const getChain = 0x0a04;
const getRule = 0x0a07;

/**
 * @returns the rules, in their order; `missing` if there is no such chain; undefined if the kernel cannot be asked
 * this way, or changed its rules meanwhile: nft can tell
 */
export function listRules(where: ChainName): readonly ListedRule[] | 'missing' | undefined {
  const family = families[where.family];
  const netlink = openNetlink();
  if (netlink === undefined || family === undefined) return undefined;
  try {
    const asked = [text(1, where.table), text(2, where.chain)];
    const rules = netlink.ask(message(getRule, flag.request | flag.dump, family, asked), readRule);
    if (rules === undefined || rules.length > 0) return rules;
    const named = [text(1, where.table), text(3, where.chain)];
    return netlink.ask(message(getChain, flag.request, family, named), () => true) === undefined
      ? 'missing'
      : [];
  } finally {
    netlink.close();
  }
}

/** Whether the kernel has a table; undefined if it cannot be asked this way. */
export function hasTable(familyName: string, table: string): boolean | undefined {
  const family = families[familyName];
  const netlink = openNetlink();
  if (netlink === undefined || family === undefined) return undefined;
  try {
    return netlink.ask(message(getTable, flag.request, family, [text(1, table)]), () => true) !== undefined;
  } finally {
    netlink.close();
  }
}

function readRule(body: Buffer): ListedRule {
  const parts = attributes(body);
  const comment = commentOf(parts.get(7));
  const jump = jumpOf(parts.get(4));
  return {
    handle: number(parts.get(3)),
    ...(comment !== undefined && { comment }),
    ...(jump !== undefined && { jump }),
  };
}

/** User data: type (0 is a comment), length, value, ... (libnftnl/udata.h). */
function commentOf(data: Buffer | undefined): string | undefined {
  for (let at = 0; data !== undefined && at + 2 <= data.length; ) {
    const length = data[at + 1] ?? 0;
    if (data[at] === 0) return data.toString('utf8', at + 2, at + 2 + length).replace(/\0.*$/s, '');
    at += 2 + length;
  }
  return undefined;
}

/** The chain in the verdict of the rule's `immediate` expression. */
function jumpOf(expressions: Buffer | undefined): string | undefined {
  for (const { value } of expressions === undefined ? [] : walk(expressions)) {
    const expression = attributes(value);
    if (expression.get(1)?.toString('latin1') !== 'immediate\0') continue;
    const verdict = attributes(attributes(attributes(expression.get(2)).get(2)).get(2));
    const chain = verdict.get(2)?.toString('utf8').replace(/\0$/, '');
    if (chain !== undefined) return chain;
  }
  return undefined;
}
