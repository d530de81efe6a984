import { judgeLegacy } from '../anchor-state.ts';
import { names } from '../names.ts';
import { renderSection } from './edits.ts';
import type { Variant } from './programs.ts';
import { type TableName, type Tables, tableNames } from './tables.ts';

/** A table as `iptables-save` prints it: our chains, our rules, and the jumps from other people's chains to ours. */
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
    if (chain?.startsWith(names.chain)) table?.chains.push(chain);
    const match = /^(?:\[(\d+):(\d+)\] )?-A (\S+) (.*)$/.exec(line);
    if (match === null || table === undefined) continue;
    const [, packets, bytes, from = '', rule = ''] = match;
    const listed = {
      chain: from,
      rule,
      ...(packets !== undefined && { packets: Number(packets), bytes: Number(bytes) }),
    };
    if (from.startsWith(names.chain)) table.rules.push(listed);
    else if (rule.includes(`-j ${names.chain}`)) table.jumps.push(listed);
  }
  return tables;
}

/** Chains of ours that are there and that nobody needs. */
export function staleChains(listing: string | undefined, tables: Tables): Record<TableName, string[]> {
  const listed = parseListing(listing ?? '');
  return Object.fromEntries(
    tableNames.map((name) => [name, listed[name].chains.filter((chain) => !tables[name].has(chain))]),
  ) as Record<TableName, string[]>;
}

/**
 * Removes our chains and the jumps to them: translations first, what admits last.
 *
 * @param keepAnchors but for filter's GUESTGATE-FORWARD, which accepts what carries our bit for another back end
 */
export function renderRemoval(listing: string | undefined, keepAnchors: boolean, variant: Variant): string {
  const listed = parseListing(listing ?? '');
  const anchored = keepAnchors && (variant === 'nft' || judgeLegacy(withoutOurs(listing)).needed);
  return tableNames
    .toReversed()
    .map((table) => {
      const { chains, jumps } = listed[table];
      const kept = anchored && table === 'filter' ? names.forwardChain : undefined;
      const gone = chains.filter((chain) => chain !== kept);
      const lines = [
        ...jumps
          .filter(({ rule }) => kept === undefined || !rule.endsWith(`-j ${kept}`))
          .map(({ chain, rule }) => `-D ${chain} ${rule}`),
        ...gone.map((chain) => `-F ${chain}`),
        ...gone.map((chain) => `-X ${chain}`),
      ];
      return renderSection({ table, lines });
    })
    .join('');
}

/** The filter table without our jump: whether anybody else could reject anything there. */
function withoutOurs(listing = ''): string {
  const filter = listing.split(/^\*/m).find((text) => text.startsWith('filter\n')) ?? '';
  return filter
    .split('\n')
    .filter((line) => !line.endsWith(`-j ${names.forwardChain}`))
    .join('\n');
}
