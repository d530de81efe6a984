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
import type { Check, HostFinding } from './check.ts';
import { familiesInUse } from './guests-of.ts';

/** Tables of guestgate's and of the administrator's word to it, those that have a head rule, and those that accept translated packets anyway. */
const exempt = new Set<string>([
  names.table,
  names.userTable,
  foreignChains.iptables.table,
  foreignChains.libvirt.table,
  'firewalld',
]);

/**
 * A filter in nftables that drops unknown packets also drops packets that guestgate admits: an accept in another chain does
 * not help (nft(8), "verdict statements"). Only chains that drop or reject all remaining packets are findings.
 */
export function judgeFilters(
  ruleset: ListedRuleset,
  mark: number,
  families: readonly Family[],
): HostFinding[] {
  const bit = hex(mark);
  return ruleset.chains
    .filter(({ family, table, base }) => {
      const concerned = family === 'inet' || families.includes(family as Family);
      return base?.hook === 'forward' && base.type === 'filter' && concerned && !exempt.has(table);
    })
    .filter((chain) => !hasOurAccept(chain, mark))
    .flatMap((chain): HostFinding[] => {
      const how = howItDrops(chain);
      const path = `${chain.family} ${chain.table} ${chain.name}`;
      if (how === undefined) return [];
      return [
        {
          severity: 'everything',
          subject: `chain ${path}`,
          problem: `it drops packets that are forwarded to guests (${how})`,
          advice: 'put the accept at the head of the chain in the file that it comes from, too',
          fix: `nft insert rule ${path} ct mark and ${bit} == ${bit} accept`,
        },
      ];
    });
}

function howItDrops({ base, rules }: ListedChain): string | undefined {
  if (base?.policy === 'drop') return 'policy drop';
  const last = rules.find(({ expressions }) => dropsAll(expressions));
  return last === undefined ? undefined : 'a rule that drops or rejects everything';
}

/** Whether a rule without a match drops or rejects. */
function dropsAll(expressions: readonly Json[]): boolean {
  const verdict = expressions.some((one) => 'drop' in one || 'reject' in one);
  return verdict && expressions.every((one) => Object.keys(one).every((key) => withoutMatch.has(key)));
}

const withoutMatch = new Set(['counter', 'log', 'drop', 'reject', 'limit']);

/** Whether the chain has a rule that accepts guestgate's mark. The administrator chooses its place. */
function hasOurAccept({ rules }: ListedChain, mark: number): boolean {
  return rules.some(
    ({ expressions }) =>
      expressions.some((one) => 'accept' in one) &&
      expressions.some((one) => {
        const match = one['match'] as { left?: unknown; right?: unknown } | undefined;
        return match !== undefined && matchesMark(match, mark);
      }),
  );
}

/** `ct mark and BIT == BIT`, `ct mark & BIT != 0` or, if no other program uses the mark, `ct mark BIT`. */
function matchesMark({ left, right }: { left?: unknown; right?: unknown }, mark: number): boolean {
  const text = JSON.stringify(left);
  return text.includes('"ct":{"key":"mark"}') && (right === mark || text.includes(`,${mark}]`));
}

export const nativeFilters: Check = async ({ records, mark }) => {
  if (records.length === 0 || !hasProgram('nft')) return [];
  const command = { program: 'nft', args: ['-j', '-t', 'list', 'ruleset'] };
  const text = await runPatiently(command, 'listing the ruleset');
  return judgeFilters(parseListedRuleset(text, command), mark, familiesInUse(records));
};
