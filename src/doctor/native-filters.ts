import { foreignChains, hex, names } from '../backends/names.ts';
import type { Family } from '../model/address.ts';
import {
  type Json,
  type ListedChain,
  type ListedRuleset,
  parseListedRuleset,
} from '../netfilter/listed-ruleset.ts';
import { hasProgram } from '../system/host.ts';
import { runPatiently } from '../system/run-patiently.ts';
import type { Check, Finding } from './finding.ts';
import { familiesInUse } from './guests-of.ts';

/** Tables that are ours, that have an anchor of ours, or that accept what is translated by themselves. */
const lookedAfter = new Set<string>([
  names.table,
  foreignChains.iptables.table,
  foreignChains.libvirt.table,
  'firewalld',
]);

/**
 * A filter in nftables that drops what it does not know drops what we admit, too: an accept elsewhere does not help
 * (nft(8), "verdict statements"). Only chains that say no to everything left over are told of.
 */
export function judgeFilters(ruleset: ListedRuleset, mark: number, families: readonly Family[]): Finding[] {
  const bit = hex(mark);
  return ruleset.chains
    .filter(({ family, table, base }) => {
      const concerned = family === 'inet' || families.includes(family as Family);
      return base?.hook === 'forward' && base.type === 'filter' && concerned && !lookedAfter.has(table);
    })
    .filter((chain) => !acceptsFirst(chain, mark))
    .flatMap((chain): Finding[] => {
      const how = howItDrops(chain);
      const path = `${chain.family} ${chain.table} ${chain.name}`;
      if (how === undefined) return [];
      return [
        {
          severity: 'everything',
          what: `chain ${path} (${how}) drops what is forwarded to guests; put the accept into the file that it comes from, too, at its head`,
          fix: `nft insert rule ${path} ct mark and ${bit} == ${bit} accept`,
        },
      ];
    });
}

function howItDrops({ base, rules }: ListedChain): string | undefined {
  if (base?.policy === 'drop') return 'policy drop';
  const last = rules.find(({ expressions }) => saysNo(expressions));
  return last === undefined ? undefined : 'a rule that drops or rejects everything';
}

/** A rule without a question. */
function saysNo(expressions: readonly Json[]): boolean {
  const verdict = expressions.some((one) => 'drop' in one || 'reject' in one);
  return verdict && expressions.every((one) => Object.keys(one).every((key) => effectless.has(key)));
}

const effectless = new Set(['counter', 'log', 'drop', 'reject', 'limit']);

/** Whether a rule that accepts our mark stands there at all. Where it stands is the administrator's choice. */
function acceptsFirst({ rules }: ListedChain, mark: number): boolean {
  return rules.some(
    ({ expressions }) =>
      expressions.some((one) => 'accept' in one) &&
      expressions.some((one) => {
        const match = one['match'] as { left?: unknown; right?: unknown } | undefined;
        return match !== undefined && asksForMark(match, mark);
      }),
  );
}

/** `ct mark and BIT == BIT`, `ct mark & BIT != 0` or, where nobody else uses it, `ct mark BIT`. */
function asksForMark({ left, right }: { left?: unknown; right?: unknown }, mark: number): boolean {
  const text = JSON.stringify(left);
  return text.includes('"ct":{"key":"mark"}') && (right === mark || text.includes(`,${mark}]`));
}

export const nativeFilters: Check = async ({ records, mark }) => {
  if (records.length === 0 || !hasProgram('nft')) return [];
  const command = { program: 'nft', args: ['-j', '-t', 'list', 'ruleset'] };
  const text = await runPatiently(command, 'listing the ruleset');
  return judgeFilters(parseListedRuleset(text, command), mark, familiesInUse(records));
};
