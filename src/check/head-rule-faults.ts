import { names } from '../backends/names.ts';
import { type Fault, headRuleFault } from '../model/finding.ts';
import { rulesAboveOurs } from '../netfilter/rules-above.ts';
import type { NamedHeadRule } from '../reconcile/head-rules.ts';

/** How many rules a finding shows: more would hide the fix. */
const shown = 5;

/**
 * What is wrong with guestgate's accept in the chains of others: it is not in its place, another firewall is stopped, or bans
 * below it do not hold for forwards. A ban above it is no fault.
 *
 * @param states read closely
 */
export function headRuleFaults(states: readonly NamedHeadRule[]): Fault[] {
  return states.flatMap((state): Fault[] => {
    const { name, needed, inPlace, standing } = state;
    if (standing?.stopped !== undefined) return [stoppedFault(name, standing.stopped)];
    if (!needed) return [];
    if (!inPlace) return [misplacedFault(name, standing?.obstacles ?? rulesAboveOurs(name))];
    return standing === undefined || standing.without.length === 0 ? [] : [bansBelowFault(state, standing)];
  });
}

function misplacedFault(name: string, obstacles: readonly string[]): Fault {
  const fault = headRuleFault(name);
  if (obstacles.length === 0) return fault;
  return { ...fault, problem: `${fault.problem}; above it, or in its place:`, details: few(obstacles) };
}

function stoppedFault(name: string, firewall: string): Fault {
  return {
    kind: 'head-rule',
    problem: `${firewall} is stopped: its safe state in ${name} blocks forwards, and guestgate leaves it as it is`,
    severity: 'everything',
    fix: name.startsWith('ip6') ? 'shorewall6 start' : 'shorewall start',
  };
}

/** Bans ahead of what guestgate's accept must be ahead of are put above it by a replay; others need a rule ahead of it. */
function bansBelowFault(
  { name }: NamedHeadRule,
  { without, position, above }: NonNullable<NamedHeadRule['standing']>,
): Fault {
  const [first = ''] = without;
  const again = first.replace(/^-A \S+ /, '');
  const [program = ''] = name.split(' ');
  const fix =
    position < above.count
      ? 'guestgate replay'
      : first.startsWith('-A ')
        ? `${program} -A ${names.userChain} ${again}`
        : 'nft list ruleset   # deny_from in the configuration blocks these sources, too';
  return {
    kind: 'head-rule',
    problem: `these blocks do not hold for forwards: they are below guestgate's accept rule in ${name}`,
    severity: 'later',
    fix,
    details: few(without),
  };
}

function few(rules: readonly string[]): string[] {
  const more = rules.length > shown ? [`and ${rules.length - shown} more`] : [];
  return [...rules.slice(0, shown), ...more];
}
