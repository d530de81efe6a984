import { names } from '../names.ts';
import { type Chain, type Chains, type TableName, type Tables, tableNames } from './tables.ts';

/*
 * The way from one state of our chains to another as sections for iptables-restore. What stays is not touched and
 * keeps its counters, but is asked for (`-C`): iptables-restore fails where it is gone, and nothing of that table is
 * changed then.
 */

/** All but the first line and the last of a section; undefined where nothing changes. */
interface Section {
  readonly table: TableName;
  readonly lines: readonly string[];
  readonly changes: boolean;
}

/**
 * The filter table opens first and closes last: what it does not admit yet, or no longer, could be translated
 * meanwhile, and would be refused.
 *
 * @returns the input of iptables-restore, and whether it changes anything
 */
export function renderEdits(before: Tables, after: Tables): { input: string; changes: boolean } {
  const both = union(before.filter, after.filter);
  const closing = edit('filter', both, after.filter);
  const sections = [
    edit('filter', before.filter, both),
    edit('mangle', before.mangle, after.mangle),
    edit('nat', before.nat, after.nat),
    { ...closing, lines: closing.lines.filter(isChange) },
  ];
  return {
    input: sections.map(renderSection).join(''),
    changes: sections.some(({ changes }) => changes),
  };
}

export function renderSection({ table, lines }: Pick<Section, 'table' | 'lines'>): string {
  return lines.length === 0 ? '' : `*${table}\n${lines.map((line) => `${line}\n`).join('')}COMMIT\n`;
}

/** What either has: of filter's chains the order does not matter but for what all have at their head. */
function union(before: Chains, after: Chains): Chains {
  const united = new Map(after);
  for (const [name, { ordered, free }] of before) {
    const other = after.get(name) ?? { ordered, free: [] };
    united.set(name, { ordered: other.ordered, free: [...new Set([...other.free, ...free])] });
  }
  return united;
}

function edit(table: TableName, before: Chains, after: Chains): Section {
  const made = [...after.keys()].filter((name) => !before.has(name));
  const gone = [...before.keys()].filter((name) => !after.has(name));
  const declared = made.map((name) => `:${name} - [0:0]`);
  const rules = [...after].flatMap(([name, chain]) => editChain(name, before.get(name) ?? none, chain));
  const removed = [...gone.map((name) => `-F ${name}`), ...gone.map((name) => `-X ${name}`)];
  const lines = [...declared, ...rules, ...removed];
  return { table, lines, changes: lines.some(isChange) };
}

function isChange(line: string): boolean {
  return !line.startsWith('-C ');
}

const none: Chain = { ordered: [], free: [] };

/**
 * For each rule that is asked for, removed or inserted, iptables compares it with all rules of its chain: thousands of
 * these would take minutes. Of more rules than this that stay, some are asked for; more that change are written as a whole.
 */
const mostCompared = 64;

/** First removals, then additions, each at its index: by then all rules before it are there. */
function editChain(name: string, before: Chain, after: Chain): string[] {
  const kept = sameOrder(before.ordered, after.ordered);
  const removed = before.ordered.filter((rule) => !kept.has(rule));
  const isWritten = removed.length + after.ordered.length - kept.size > mostCompared;
  // Only chains that are one guest's have so many rules whose order matters, and no others.
  if (isWritten && before.free.length + after.free.length === 0)
    return [
      ...(before.ordered.length > 0 ? [`-F ${name}`] : []),
      ...after.ordered.map((rule) => `-A ${name} ${rule}`),
    ];
  const [had, wanted] = [new Set(before.free), new Set(after.free)];
  const asked = new Set([...some([...kept]), ...some(after.free.filter((rule) => had.has(rule)))]);
  const ask = (rule: string) => (asked.has(rule) ? [`-C ${name} ${rule}`] : []);
  return [
    ...removed.map((rule) => `-D ${name} ${rule}`),
    ...before.free.filter((rule) => !wanted.has(rule)).map((rule) => `-D ${name} ${rule}`),
    ...after.ordered.flatMap((rule, index) =>
      kept.has(rule) ? ask(rule) : `-I ${name} ${index + 1} ${rule}`,
    ),
    ...after.free.flatMap((rule) => (had.has(rule) ? ask(rule) : `-A ${name} ${rule}`)),
  ];
}

/** All of few rules; of many, some from the first to the last. */
function some(rules: readonly string[]): readonly string[] {
  if (rules.length <= mostCompared) return rules;
  const few = mostCompared / 4;
  return Array.from(
    { length: few },
    (_, at) => rules[Math.round((at * (rules.length - 1)) / (few - 1))] ?? '',
  );
}

/** The rules that both have, if in the same order: then they can stay. */
function sameOrder(before: readonly string[], after: readonly string[]): ReadonlySet<string> {
  const [old, now] = [new Set(before), new Set(after)];
  const common = before.filter((rule) => now.has(rule));
  const there = after.filter((rule) => old.has(rule));
  return new Set(common.every((rule, index) => rule === there[index]) ? common : []);
}

/**
 * Replaces whatever was there with exactly this.
 *
 * @param stale our chains that no element needs any more
 * @param lacksUserChain whether the administrator's chain has to be made. It is never named in the way that empties chains.
 */
export function renderRebuild(
  tables: Tables,
  stale: Readonly<Record<TableName, readonly string[]>>,
  lacksUserChain: boolean,
): string {
  const sections = tableNames.map((table) => {
    const chains = [...tables[table]];
    return {
      table,
      lines: [
        ...(table === 'filter' && lacksUserChain ? [`-N ${names.userChain}`] : []),
        ...chains.map(([name]) => `:${name} - [0:0]`),
        ...chains.flatMap(([name, { ordered, free }]) =>
          [...ordered, ...free].map((rule) => `-A ${name} ${rule}`),
        ),
        ...stale[table].map((name) => `-F ${name}`),
        ...stale[table].map((name) => `-X ${name}`),
      ],
    };
  });
  return sections.map(renderSection).join('');
}

/** Only looks whether all of it is there. */
export function renderChecks(tables: Tables): string {
  const sections = tableNames.map((table) => ({
    table,
    lines: [...tables[table]].flatMap(([name, { ordered }]) => ordered.map((rule) => `-C ${name} ${rule}`)),
  }));
  return sections.map(renderSection).join('');
}
