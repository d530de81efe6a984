import { names } from '../names.ts';
import { renderSection } from './edits.ts';
import type { Variant } from './programs.ts';
import { type TableName, type Tables, tableNames } from './tables.ts';

/**
 * A table as `iptables-save` prints it: our chains, our rules, and the jumps from other people's chains to ours. The
 * chain of accepts for bridged guests (`../antispoof/head-rules.ts`) is none of these, nor is the administrator's own.
 */
export interface ListedTable {
  readonly chains: readonly string[];
  readonly rules: readonly ListedRule[];
  readonly jumps: readonly ListedRule[];
}

export interface ListedRule {
  readonly chain: string;
  /** What follows `-A CHAIN`. */
  readonly rule: string;
  /** With `-c`. */
  readonly packets?: number;
  readonly bytes?: number;
}

/** Reads `iptables-save`, with counters or without; tables that others alone have are left out. */
export function parseListing(text: string): Record<TableName, ListedTable> {
  const tables = Object.fromEntries(
    tableNames.map((name) => [
      name,
      { chains: [] as string[], rules: [] as ListedRule[], jumps: [] as ListedRule[] },
    ]),
  ) as Record<TableName, { chains: string[]; rules: ListedRule[]; jumps: ListedRule[] }>;
  let table: (typeof tables)[TableName] | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = tables[line.slice(1) as TableName];
    const chain = /^:(\S+)/.exec(line)?.[1];
    if (chain !== undefined && isOwn(chain)) table?.chains.push(chain);
    const match = /^(?:\[(\d+):(\d+)\] )?-A (\S+) (.*)$/.exec(line);
    if (match === null || table === undefined) continue;
    const [, packets, bytes, from = '', rule = ''] = match;
    const listed = {
      chain: from,
      rule,
      ...(packets !== undefined && { packets: Number(packets), bytes: Number(bytes) }),
    };
    if (isOwn(from)) table.rules.push(listed);
    else if (rule.includes(`-j ${names.chain}`) && !foreign.some((name) => rule.endsWith(`-j ${name}`)))
      table.jumps.push(listed);
  }
  return tables;
}

/** Chains that begin like ours and are none of these: see `ListedTable`. */
const foreign: readonly string[] = [names.vifChain, names.userChain, names.inputChain];

function isOwn(chain: string): boolean {
  return chain.startsWith(names.chain) && !foreign.includes(chain);
}

/** Whether the administrator's chain exists. @param listing of all tables, or of the filter table */
export function hasUserChain(listing = ''): boolean {
  return new RegExp(`^:${names.userChain} `, 'm').test(listing);
}

/** Whether it exists, and no rule is in it or leads to it. */
export function isUserChainUnused(listing: string): boolean {
  const rules = new RegExp(`^-A (${names.userChain} |.* -[jg] ${names.userChain}$)`, 'm');
  return hasUserChain(listing) && !rules.test(listing);
}

/** Rules by their chains, in their order. */
export function byChain(rules: readonly ListedRule[]): Map<string, ListedRule[]> {
  const chains = new Map<string, ListedRule[]>();
  for (const rule of rules) {
    const found = chains.get(rule.chain);
    if (found === undefined) chains.set(rule.chain, [rule]);
    else found.push(rule);
  }
  return chains;
}

/** Our chains in the kernel that no element needs. */
export function staleChains(listing: string | undefined, tables: Tables): Record<TableName, string[]> {
  const listed = parseListing(listing ?? '');
  return Object.fromEntries(
    tableNames.map((name) => [name, listed[name].chains.filter((chain) => !tables[name].has(chain))]),
  ) as Record<TableName, string[]>;
}

/** The names of another back end's head rules in each table: see `head-rules.ts` and `foreign-nat.ts`. */
const headRules = {
  filter: { base: 'FORWARD', own: names.forwardChain },
  nat: { base: 'POSTROUTING', own: `${names.chain}POSTROUTING` },
} as const;

/**
 * Removes our chains and the jumps to them: translations first, what admits last.
 *
 * @param keep the tables in which another back end has head rules; in the older tables only where another program has rules
 */
export function renderRemoval(
  listing: string | undefined,
  keep: readonly ('filter' | 'nat')[],
  variant: Variant,
): string {
  const listed = parseListing(listing ?? '');
  const kept = keep.filter((table) => variant === 'nft' || isUsed(listing, table));
  return tableNames
    .toReversed()
    .map((table) => {
      const { chains, jumps } = listed[table];
      const own = kept.find((one) => one === table) && headRules[table as 'filter' | 'nat'].own;
      const gone = chains.filter((chain) => chain !== own);
      const lines = [
        ...jumps
          .filter(({ rule }) => own === undefined || !rule.endsWith(`-j ${own}`))
          .map(({ chain, rule }) => `-D ${chain} ${rule}`),
        ...gone.map((chain) => `-F ${chain}`),
        ...gone.map((chain) => `-X ${chain}`),
      ];
      return renderSection({ table, lines });
    })
    .join('');
}

/** Whether another program has rules in the chain, or its policy closes it. */
function isUsed(listing = '', table: 'filter' | 'nat'): boolean {
  const { base, own } = headRules[table];
  const section = listing.split(/^\*/m).find((text) => text.startsWith(`${table}\n`)) ?? '';
  return section
    .split('\n')
    .some(
      (line) =>
        (line.startsWith(`-A ${base} `) && !line.endsWith(`-j ${own}`)) ||
        (line.startsWith(`:${base} `) && !line.startsWith(`:${base} ACCEPT`)),
    );
}
