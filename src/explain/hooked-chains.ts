import { names } from '../backends/names.ts';
import type { Family } from '../model/address.ts';
import type { SavedChain, SavedTable } from '../netfilter/iptables-save.ts';
import type { ListedChain, ListedRuleset } from '../netfilter/listed-ruleset.ts';

export type Hook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** A chain that the kernel asks at a hook, in whichever words its rules are known. */
export type HookedChain = {
  /** `ip guestgate prerouting`, `iptables nat PREROUTING`, `iptables-legacy filter FORWARD`. */
  readonly name: string;
  readonly type: string;
  readonly priority: number;
  readonly policy: string;
} /** `table`: what iptables tells of the chain's table, as far as it can. */ & (
  | { readonly words: 'nft'; readonly chain: ListedChain; readonly table?: SavedTable }
  | {
      readonly words: 'iptables';
      readonly table: SavedTable;
      readonly chain: SavedChain;
      /** The same as nft lists it; undefined: it is iptables-legacy's. */
      readonly listed?: ListedChain;
    }
);

/** What is known of the rules of a host, of one family. */
export interface Rules {
  readonly family: Family;
  readonly ruleset: ListedRuleset;
  /**
   * Which of several chains with one priority is asked first: that which was registered last. A listing does not tell it of
   * chains of different kinds: `older` takes them the other way round.
   */
  readonly ties: 'newer' | 'older';
  /** `iptables-nft-save` and `iptables-legacy-save`. */
  readonly saved: { readonly nft: readonly SavedTable[]; readonly legacy: readonly SavedTable[] };
  /** The text of each nft rule, by {@link ruleKey}. */
  readonly texts: ReadonlyMap<string, string>;
}

/** The priorities of iptables' tables (linux/netfilter_ipv4.h); nat's differ by hook. */
const priorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };

/**
 * The chains of a hook in the order in which the kernel asks them. All that translates runs in one place, whatever the
 * chains' own priorities: they only tell the order among themselves. Tables are listed in the order of their making;
 * iptables-legacy's are taken to be older than all of nftables.
 */
export function chainsAt(hook: Hook, rules: Rules): HookedChain[] {
  const native = rules.ruleset.chains.flatMap((chain) => nftChain(chain, hook, rules));
  const legacy = rules.saved.legacy.flatMap((table) => legacyChain(table, hook, rules));
  const oldest = [...legacy, ...native];
  const all = rules.ties === 'newer' ? oldest.reverse() : oldest;
  return all.sort((a, b) => place(a, hook) - place(b, hook) || a.priority - b.priority);
}

function place({ type, priority }: HookedChain, hook: Hook): number {
  return type === 'nat' ? natPriority(hook) : priority;
}

function natPriority(hook: Hook): number {
  return hook === 'prerouting' || hook === 'output' ? -100 : 100;
}

/** A chain of iptables-nft is read as iptables tells it: nft does not know what its extensions mean. */
function nftChain(chain: ListedChain, hook: Hook, { family, saved }: Rules): HookedChain[] {
  const { base } = chain;
  if (base?.hook !== hook || (chain.family !== family && chain.family !== 'inet')) return [];
  const common = { type: base.type, priority: base.priority, policy: base.policy };
  const table = chain.family === family ? saved.nft.find(({ name }) => name === chain.table) : undefined;
  const known = table?.chains.get(chain.name);
  if (table !== undefined && isSameChain(known, chain))
    return [
      {
        ...common,
        name: `${programOf(family)} ${table.name} ${chain.name}`,
        words: 'iptables',
        table,
        chain: known,
        listed: chain,
      },
    ];
  const name = `${chain.family} ${chain.table} ${chain.name}`;
  return [{ ...common, name, words: 'nft', chain, ...(table !== undefined && { table }) }];
}

/**
 * Whether iptables tells all rules of a chain: those of nftables' own are missing where it prints the chain all the same. The rules of
 * thousands of guestgate's chains are not listed by nft: guestgate makes them with iptables.
 */
export function isSameChain(known: SavedChain | undefined, listed: ListedChain): known is SavedChain {
  if (known === undefined) return false;
  const isUnlisted = listed.rules.length === 0 && listed.name.startsWith(names.chain);
  return isUnlisted || known.rules.length === listed.rules.length;
}

function legacyChain(table: SavedTable, hook: Hook, { family }: Rules): HookedChain[] {
  const chain = table.chains.get(hook.toUpperCase());
  if (chain === undefined) return [];
  const nat = table.name === 'nat';
  const priority = nat ? natPriority(hook) : (priorities[table.name] ?? 0);
  const policy = (chain.policy ?? 'ACCEPT').toLowerCase();
  const name = `${programOf(family)}-legacy ${table.name} ${chain.name}`;
  return [{ name, type: nat ? 'nat' : 'filter', priority, policy, words: 'iptables', table, chain }];
}

function programOf(family: Family): string {
  return family === 'ip' ? 'iptables' : 'ip6tables';
}

/** Where a rule of nft is. */
export function ruleKey(family: string, table: string, chain: string, handle: number): string {
  return `${family} ${table} ${chain} ${handle}`;
}

/** The text of each rule, from `nft -a list ruleset`. */
export function ruleTexts(listing: string): Map<string, string> {
  const texts = new Map<string, string>();
  let [table, chain] = ['', ''];
  for (const line of listing.split('\n')) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
    const [, text, handle] = /^\t\t(.*) # handle (\d+)$/.exec(line) ?? [];
    if (text !== undefined)
      texts.set(`${table} ${chain} ${handle}`, text.replaceAll(/counter packets \d+ bytes \d+ ?/g, ''));
  }
  return texts;
}
