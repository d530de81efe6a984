import { names } from '../backends/names.ts';
import type { SavedTable } from '../netfilter/iptables-save.ts';
import type { Rules } from './hooked-chains.ts';
import type { ChainDecision } from './traced.ts';

/** Whether a chain is guestgate's: one of its table, or one of its own in a table of iptables. */
export function isOurChain(table: string, chain: string): boolean {
  return table === names.table || chain.startsWith(names.chain);
}

/** The same rules without guestgate's chains, and the jumps to them. */
export function withoutOurs(rules: Rules): Rules {
  const { nft, legacy } = rules.saved;
  return {
    ...rules,
    ruleset: {
      ...rules.ruleset,
      chains: rules.ruleset.chains.filter(({ table, name }) => !isOurChain(table, name)),
    },
    saved: { nft: nft.map(withoutJumps), legacy: legacy.map(withoutJumps) },
  };
}

/** Chains keep the number of their rules, by which they are known to be those of nftables' listing. */
function withoutJumps(table: SavedTable): SavedTable {
  const chains = [...table.chains].map(([name, chain]) => {
    const rules = chain.rules.map((rule) =>
      rule.words.some((word) => word.startsWith(names.chain)) ? { ...rule, words: [] } : rule,
    );
    return [name, { ...chain, rules }] as const;
  });
  return { ...table, chains: new Map(chains) };
}

/** Whether a chain of guestgate's decided, or a rule of a chain of its own that another program's leads to. */
export function isOurDecision({ chain, hit }: ChainDecision): boolean {
  const [, table = ''] = chain.split(' ');
  return isOurChain(table, hit?.chain ?? '');
}
