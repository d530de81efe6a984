import type { Family } from '../../model/address.ts';
import { type HeadRuleState, lookingAt } from '../head-rule-state.ts';
import { type HeadRulePlace, savedFilter } from '../head-rules.ts';
import { chains } from './chains.ts';
import { restore, save, type Variant } from './programs.ts';
import type { TableName } from './tables.ts';

/*
 * The first rule of each of the tables' own chains jumps to ours. Another program that inserts rules there moves
 * the jumps down, so they are checked like head rules, and moved back.
 */

const jumpsTo: readonly (readonly [TableName, string, string])[] = [
  ['filter', 'FORWARD', chains.forward],
  ['mangle', 'PREROUTING', chains.prerouting],
  ['mangle', 'INPUT', chains.input],
  ['mangle', 'FORWARD', chains.forward],
  ['mangle', 'POSTROUTING', chains.postrouting],
  ['nat', 'POSTROUTING', chains.postrouting],
  ['nat', 'OUTPUT', chains.output],
  ['nat', 'PREROUTING', chains.prerouting],
];

/** The places of the jumps to our chains, in the order in which they are added. */
export function jumpPlaces(variant: Variant, family: Family): HeadRulePlace[] {
  return jumpsTo.map(([table, chain, own]) => jumpPlace(variant, family, table, chain, own));
}

function jumpPlace(
  variant: Variant,
  family: Family,
  table: TableName,
  chain: string,
  own: string,
): HeadRulePlace {
  const where = { family, table, chain };
  const tool = restore(variant, family, '').alternatives?.[0]?.replace('-restore', '') ?? '';
  const { native } = lookingAt(where, (rule) => rule.jump === own);
  const section = (lines: readonly string[]) =>
    restore(variant, family, `*${table}\n${lines.map((line) => `${line}\n`).join('')}COMMIT\n`);
  const removal = ({ found }: HeadRuleState) => found.map(() => `-D ${chain} -j ${own}`);
  return {
    // The same name as the head rule of another back end: it is the same place.
    name: `${tool}${variant === 'legacy' ? '-legacy' : ''} ${table === 'filter' ? '' : `${table} `}${chain}`,
    family,
    isOurJump: true,
    ...(variant === 'nft' && {
      native: { chain: where, judge: (rules) => ({ ...native.judge(rules), needed: true }) },
    }),
    // Not by nft, which may be what is missing here.
    list: save(variant, family),
    judge: (listing) => judgeJump(listing, table, chain, own),
    ...(table === 'filter' && { bans: { save: savedFilter(family, variant) } }),
    assert: (state, _, above = { count: 0 }) =>
      section([...removal(state), `-I ${chain} ${above.count + 1} -j ${own}`]),
    remove: (state) => section(removal(state)),
  };
}

/** Reads `iptables-save`. */
export function judgeJump(
  listing: string | undefined,
  table: string,
  chain: string,
  own: string,
): HeadRuleState {
  const section = (listing ?? '').split(/^\*/m).find((text) => text.startsWith(`${table}\n`)) ?? '';
  const rules = section.split('\n').filter((line) => line.startsWith(`-A ${chain} `));
  const found = rules.flatMap((line, index) => (line === `-A ${chain} -j ${own}` ? [index] : []));
  return { needed: true, first: found[0] === 0 && found.length === 1, found };
}
