import { counted } from '../../model/counted.ts';
import { type Fault, ruleFault } from '../../model/finding.ts';
import { names } from '../names.ts';
import { asListed, type Entry, type TableFamily } from './entry.ts';
import type { Listing } from './listing.ts';

/** What a listing of our table has otherwise than these entries. */
export function entryDifferences(entries: readonly Entry[], listing: Listing): Fault[] {
  const expected = new Map(
    entries.map(asListed).map((entry) => [`${entry.set} { ${entry.key} }`, entry.value]),
  );
  const actual = new Map(listing.entries.map((entry) => [`${entry.set} { ${entry.key} }`, entry.value]));
  const differences: Fault[] = [];
  for (const [key, value] of expected) {
    if (!actual.has(key)) differences.push(ruleFault(`${key} is missing`));
    else if (actual.get(key) !== value)
      differences.push(ruleFault(`${key} leads to ${actual.get(key)}, not to ${value}`));
  }
  for (const key of actual.keys())
    if (!expected.has(key)) differences.push(ruleFault(`unexpected entry ${key}`));
  return differences;
}

/** Whether chains and sets are other ones than in a listing of the same table, made from the base ruleset elsewhere. */
export function baseRulesetDifferences(listing: Listing, reference: Listing, family: TableFamily): Fault[] {
  const expected = new Set(reference.baseRuleset);
  const missing = [...expected].filter((part) => !listing.baseRuleset.includes(part)).length;
  const surplus = listing.baseRuleset.filter((part) => !expected.has(part)).length;
  if (missing === 0 && surplus === 0) return [];
  const problem = `the chains of table ${family} ${names.table} were changed: ${counted(missing, 'rule')} ${missing === 1 ? 'is' : 'are'} missing, ${surplus} ${surplus === 1 ? 'is' : 'are'} unexpected`;
  return [ruleFault(problem, 'everything')];
}
