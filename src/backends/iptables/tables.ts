/*
 * Our part of iptables' tables as plain data: chains and their rules, each rule the text that follows `-A CHAIN`
 * (iptables-restore's format, iptables-extensions(8)).
 */

/** In the order in which they are opened: what admits comes before what translates. */
export const tableNames = ['filter', 'mangle', 'nat'] as const;
export type TableName = (typeof tableNames)[number];

export interface Chain {
  /** Rules that come first, in this order. */
  readonly ordered: readonly string[];
  /** Rules that follow, in whatever order: those of guests. */
  readonly free: readonly string[];
}

/** Chains by their names. */
export type Chains = ReadonlyMap<string, Chain>;
export type Tables = Readonly<Record<TableName, Chains>>;

/** Chains of a table whose rules have an order, by their names. */
export type Rules = Readonly<Record<string, readonly string[]>>;

/** Rules for a chain that may have others already. */
export interface Addition {
  readonly table: TableName;
  readonly chain: string;
  readonly rule: string;
  /** Whether its place among the chain's others matters. */
  readonly ordered: boolean;
}

/** The tables with more rules in them. */
export function withRules(tables: Tables, additions: readonly Addition[]): Tables {
  const copy = Object.fromEntries(
    tableNames.map((name) => [
      name,
      new Map([...tables[name]].map(([chain, rules]) => [chain, copyOf(rules)])),
    ]),
  ) as Record<TableName, Map<string, { ordered: string[]; free: string[] }>>;
  for (const { table, chain, rule, ordered } of additions) {
    const rules = copy[table].get(chain) ?? { ordered: [], free: [] };
    copy[table].set(chain, rules);
    (ordered ? rules.ordered : rules.free).push(rule);
  }
  return copy;
}

function copyOf({ ordered, free }: Chain): { ordered: string[]; free: string[] } {
  return { ordered: [...ordered], free: [...free] };
}
