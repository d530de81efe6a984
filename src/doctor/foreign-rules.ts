import { headRuleFault } from '../model/finding.ts';
import { rulesAboveOurs } from '../netfilter/rules-above.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { headRuleStates } from '../reconcile/head-rules.ts';
import { readHostState } from '../state/host-state.ts';
import type { Check, HostFinding } from './check.ts';

/** A foreign chain that could reject packets that guestgate admits, and the rules above guestgate's accept in it. */
export interface ForeignPlace {
  readonly name: string;
  readonly first: boolean;
  readonly above: readonly string[];
}

/** How many rules a finding shows: more would hide the fix. */
const shown = 5;

/** A rule above guestgate's accept decides over packets that guestgate has admitted. */
export function judgePlaces(places: readonly ForeignPlace[]): HostFinding[] {
  return places
    .filter(({ first }) => !first)
    .map(({ name, above }) => {
      const finding = {
        subject: 'kernel',
        ...headRuleFault(name),
        fix: 'guestgate replay',
        cause: causeOf(name),
      };
      if (above.length === 0) return finding;
      const more = above.length > shown ? [`and ${above.length - shown} more`] : [];
      return {
        ...finding,
        problem: `${finding.problem}; above it, or in its place:`,
        details: [...above.slice(0, shown), ...more],
      };
    });
}

/** `iptables FORWARD` is a chain of its table filter; a chain of nftables is named with its table. */
function causeOf(place: string): string {
  return place.replace(/ FORWARD$/, (chain) => (place.includes('tables') ? ` filter${chain}` : chain));
}

export const foreignRules: Check = async ({ records }) => {
  // Where nothing is open, there is nothing to accept.
  if (!records.some(({ elements }) => elements.length > 0)) return [];
  const states = headRuleStates(await backendInUse(readHostState()));
  return judgePlaces(
    states
      .filter(({ needed }) => needed)
      .map(({ name, first }) => ({ name, first, above: first ? [] : rulesAboveOurs(name) })),
  );
};
