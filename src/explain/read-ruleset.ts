import { names } from '../backends/names.ts';
import type { KernelCommand } from '../model/command.ts';
import {
  type ListedChain,
  type ListedRuleset,
  type ListedSet,
  listDeclarations,
  parseListedRuleset,
} from '../netfilter/listed-ruleset.ts';
import type { Ask } from '../system/ask-ip.ts';
import { type Rules, ruleTexts } from './hooked-chains.ts';
import { isOurChain } from './our-chains.ts';

/** nftables' whole ruleset: the same in both families. */
export type NftRuleset = Pick<Rules, 'ruleset' | 'texts'>;

/** With more chains of guestgate's in tables of iptables, these are not listed by nft. */
const many = 500;

/**
 * Lists the ruleset of nftables. The kernel goes through all rules again for each part of a listing: with the chains of thousands
 * of guests in tables of iptables, nft would need minutes. iptables-save lists these in a second.
 */
export function readRuleset(ask: Ask): NftRuleset {
  const { chains } = listed(nft('-j', 'list', 'chains'), ask);
  return chains.filter(isOursInIptables).length > many ? readApart(chains, ask) : readWhole(ask);
}

function isOursInIptables({ table, name }: ListedChain): boolean {
  return table !== names.table && isOurChain(table, name);
}

function readWhole(ask: Ask): NftRuleset {
  const declared = listed(listDeclarations, ask);
  return {
    ruleset: { ...declared, sets: setsOf(declared, ask) },
    texts: ruleTexts(ask(nft('-a', '-t', 'list', 'ruleset')) ?? ''),
  };
}

/** Table by table, and the tables of iptables chain by chain, without the rules of guestgate's chains there. */
function readApart(chains: readonly ListedChain[], ask: Ask): NftRuleset {
  const found = distinctTables(chains).map(({ family, table }) => {
    const own = chains.filter((chain) => chain.family === family && chain.table === table);
    if (!own.some(isOursInIptables))
      return {
        declared: listed(nft('-j', '-t', 'list', 'table', family, table), ask),
        text: ask(nft('-a', '-t', 'list', 'table', family, table)) ?? '',
      };
    const withRules = own.flatMap((chain) =>
      isOursInIptables(chain)
        ? [chain]
        : listed(nft('-j', 'list', 'chain', family, table, chain.name), ask).chains,
    );
    return { declared: { chains: withRules, sets: [] }, text: '' };
  });
  const declared = {
    chains: found.flatMap((one) => one.declared.chains),
    sets: found.flatMap((one) => one.declared.sets),
  };
  return {
    ruleset: { ...declared, sets: setsOf(declared, ask) },
    texts: new Map(found.flatMap(({ text }) => [...ruleTexts(text)])),
  };
}

/** The sets with their elements, a table at a time: a table of guestgate's with many guests may have been listed before. */
function setsOf({ sets }: ListedRuleset, ask: Ask): readonly ListedSet[] {
  return distinctTables(sets).flatMap(
    ({ family, table }) => listed(nft('-j', 'list', 'table', family, table), ask).sets,
  );
}

type TableName = Pick<ListedChain, 'family' | 'table'>;

function distinctTables(all: readonly TableName[]): TableName[] {
  return [...new Map(all.map(({ family, table }) => [`${family} ${table}`, { family, table }])).values()];
}

function nft(...args: readonly string[]): KernelCommand {
  return { program: 'nft', args: [...args] };
}

function listed(command: KernelCommand, ask: Ask): ListedRuleset {
  const json = ask(command);
  return json === undefined ? { chains: [], sets: [] } : parseListedRuleset(json, command);
}
