import { type Fault, ruleFault } from '../../model/finding.ts';
import { iptablesOf } from '../head-rules.ts';
import type { Inspection } from '../inspection.ts';
import { readCounters } from './counters.ts';
import { renderRebuild } from './edits.ts';
import { byChain, type ListedRule, type ListedTable, parseListing } from './listing.ts';
import { save, type Variant } from './programs.ts';
import { type Chain, type TableName, tableNames } from './tables.ts';
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
        input: renderRebuild(tablesOf(whole, family), noneStale, true),
      };
    },
    differences(whole, family, text, reference) {
      const [listed, expected] = [parseListing(text), parseListing(reference)];
      const tables = tablesOf(whole, family);
      return tableNames.flatMap((table) =>
        tableDifferences(table, listed[table], expected[table], tables[table]),
      );
    },
    counters: readCounters,
  };
}

function tableDifferences(
  table: TableName,
  actual: ListedTable,
  expected: ListedTable,
  made: ReadonlyMap<string, Chain>,
): Fault[] {
  const [has, wants] = [byChain(actual.rules), byChain(expected.rules)];
  const differences = [
    ...without(actual.chains, expected.chains).map((chain) => `unexpected chain ${chain}`),
    ...without(expected.chains, actual.chains).map((chain) => `chain ${chain} is missing`),
    ...expected.chains.flatMap((chain) =>
      chainDifferences(chain, made.get(chain)?.ordered.length ?? 0, has.get(chain), wants.get(chain)),
    ),
  ];
  return differences.map((difference) => ruleFault(`${table}: ${difference}`));
}

/** @param heads how many rules of the chain have their places: where guests share it, theirs have none, and follow */
function chainDifferences(
  chain: string,
  heads: number,
  actual: readonly ListedRule[] = [],
  expected: readonly ListedRule[] = [],
): string[] {
  const [has, wants] = [actual.map(({ rule }) => rule), expected.map(({ rule }) => rule)];
  const differences = [
    ...without(wants, has).map((rule) => `-A ${chain} ${rule} is missing`),
    ...without(has, wants).map((rule) => `unexpected rule -A ${chain} ${rule}`),
  ];
  if (differences.length > 0) return differences;
  const same = wants.length === has.length && wants.slice(0, heads).join() === has.slice(0, heads).join();
  return same ? [] : [`the rules of ${chain} are in another order, or repeated`];
}

function without(texts: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return texts.filter((text) => !known.has(text));
}
