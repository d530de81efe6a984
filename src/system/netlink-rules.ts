import type { ChainName, ListedRule } from '../model/chain.ts';
import { type Libc, libc } from './libc.ts';
import { attributes, message, messagesOf, number, text, walk } from './netlink-message.ts';

/*
 * The rules of one chain, asked of the kernel itself: `nft list chain` says the same, and takes thirty times as long,
 * most of it for being started. Only looks; rules are changed by nft alone.
 * Numbers are those of linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h.
 */

const families: Readonly<Record<string, number>> = { inet: 1, ip: 2, bridge: 7, ip6: 10 };

/** Messages of the nf_tables subsystem (10), and what answers begin with. */
const getChain = 0x0a04;
const getRule = 0x0a07;
const newRule = 0x0a06;
const errorAnswer = 2;
const doneAnswer = 3;

const request = 0x001;
const dump = 0x300;
const interrupted = 0x010;

/** A chain longer than this many bytes is left to nft. */
const longest = 1 << 24;

/**
 * @returns the rules, in their order; `missing` if there is no such chain; undefined if the kernel cannot be asked
 * this way, or changed its rules meanwhile: nft can tell
 */
export function listRules(where: ChainName): readonly ListedRule[] | 'missing' | undefined {
  const library = libc();
  const family = families[where.family];
  if (library === undefined || family === undefined) return undefined;
  const socket = openSocket(library);
  if (socket === undefined) return undefined;
  try {
    const asked = [text(1, where.table), text(2, where.chain)];
    const rules = ask(library, socket, message(getRule, request | dump, family, asked));
    if (rules === undefined || rules.length > 0) return rules;
    const named = [text(1, where.table), text(3, where.chain)];
    return ask(library, socket, message(getChain, request, family, named)) === undefined ? 'missing' : [];
  } finally {
    library.close(socket);
  }
}

/** AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER; an answer is waited for one second. */
function openSocket(library: Libc): number | undefined {
  const socket = library.socket(16, 0x80003, 12);
  if (socket < 0) return undefined;
  const second = new Uint8Array(16);
  second[0] = 1;
  library.setsockopt(socket, 1, 20, second, second.length);
  return socket;
}

/** @returns undefined if the kernel answered with an error, or not at all */
function ask(library: Libc, socket: number, question: Buffer): ListedRule[] | undefined {
  if (library.send(socket, question, question.length, 0) !== question.length) return undefined;
  const rules: ListedRule[] = [];
  const buffer = Buffer.alloc(1 << 16);
  for (let total = 0; total < longest; ) {
    const length = library.recv(socket, buffer, buffer.length, 0);
    if (length <= 0) return undefined;
    total += length;
    for (const answer of messagesOf(buffer.subarray(0, length))) {
      if (answer.type === errorAnswer || (answer.flags & interrupted) !== 0) return undefined;
      if (answer.type === doneAnswer) return rules;
      if (answer.type !== newRule) return rules;
      rules.push(readRule(answer.body));
    }
  }
  return undefined;
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
