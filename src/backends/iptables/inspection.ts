import { familyOfElement } from '../../model/element.ts';
import { iptablesOf } from '../anchors.ts';
import type { Inspection } from '../inspection.ts';
import { names } from '../names.ts';
import { renderAnew } from './edits.ts';
import { entriesOf } from './entries.ts';
import { type ListedTable, parseListing } from './listing.ts';
import { save, type Variant } from './programs.ts';
import { type TableName, tableNames } from './tables.ts';
import { tablesOf } from './transaction.ts';

const noneStale = { filter: [], mangle: [], nat: [] };

/** Compares the kernel with the records rule by rule, as iptables-save shows them here and for the same made elsewhere. */
export function inspection(variant: Variant): Inspection {
  return {
    list: (family) => save(variant, family, '-c'),
    holds: (listing) => tableNames.some((table) => parseListing(listing)[table].chains.length > 0),
    title: (family) => `chains of guestgate in ${iptablesOf(family)} (${variant})`,
    reference: (whole, family) => {
      const own = iptablesOf(family);
      const found = (what: string) => `$(command -v ${own}-${variant}-${what} || command -v ${own}-${what})`;
      return {
        script: `${found('restore')} --noflush && exec ${found('save')}`,
        input: renderAnew(tablesOf(whole, family), noneStale),
      };
    },
    differences(_, __, text, reference) {
      const [listed, expected] = [parseListing(text), parseListing(reference)];
      return tableNames.flatMap((table) => tableDifferences(table, listed[table], expected[table]));
    },
    counters(text, family) {
      const listed = parseListing(text);
      const byChain = new Map<string, ListedTable['rules'][number][]>();
      for (const table of tableNames)
        for (const rule of listed[table].rules) {
          const key = `${table} ${rule.chain}`;
          byChain.set(key, [...(byChain.get(key) ?? []), rule]);
        }
      return (guest, element) => {
        if (familyOfElement(element) !== family) return undefined;
        const rules = entriesOf(guest, family).filter(({ ordered }) => ordered);
        const found = rules.flatMap((one) => {
          if (one.element !== element) return [];
          const chain = rules.filter(({ table, chain }) => table === one.table && chain === one.chain);
          return byChain.get(`${one.table} ${one.chain}`)?.[chain.indexOf(one)] ?? [];
        });
        if (found.length === 0) return undefined;
        return {
          packets: found.reduce((sum, { packets = 0 }) => sum + packets, 0),
          bytes: found.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
        };
      };
    },
  };
}

function tableDifferences(table: TableName, actual: ListedTable, expected: ListedTable): string[] {
  const lines = ({ rules }: ListedTable) => rules.map(({ chain, rule }) => `-A ${chain} ${rule}`);
  const [has, wants] = [lines(actual), lines(expected)];
  const [hasSet, wantsSet] = [new Set(has), new Set(wants)];
  const differences = [
    ...wants.filter((line) => !hasSet.has(line)).map((line) => `${table}: ${line} is missing`),
    ...has.filter((line) => !wantsSet.has(line)).map((line) => `${table}: ${line} is nobody's`),
    ...actual.chains
      .filter((chain) => !expected.chains.includes(chain))
      .map((chain) => `${table}: chain ${chain} is nobody's`),
    ...expected.chains
      .filter((chain) => !actual.chains.includes(chain))
      .map((chain) => `${table}: chain ${chain} is missing`),
  ];
  if (differences.length > 0) return differences;
  return expected.chains
    .filter((chain) => order(table, chain, has) !== order(table, chain, wants))
    .map((chain) => `${table}: the rules of ${chain} are in another order, or there twice`);
}

/** The rules whose order matters; of guests' rules in chains that they share, only how many there are. */
function order(table: TableName, chain: string, lines: readonly string[]): string {
  const own = lines.filter((line) => line.startsWith(`-A ${chain} `));
  const heads =
    table === 'filter' ? 2 : /^GUESTGATE-(EXACT|PUBLIC|ANY|OPEN|SNAT|LEAVE)$/.test(chain) ? 0 : own.length;
  return [
    ...own.slice(0, chain.startsWith(`${names.forwardChain}`) || table !== 'filter' ? heads : 0),
    own.length,
  ].join('\n');
}
