import { headRuleFaults } from '../check/head-rule-faults.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { headRuleStates, type NamedHeadRule } from '../reconcile/head-rules.ts';
import { readHostState } from '../state/host-state.ts';
import type { Check, HostFinding } from './check.ts';

/**
 * A rule above guestgate's accept decides over packets that guestgate has admitted. A ban may, and is no finding; the traces
 * show whether another rule blocks anything.
 */
export function judgePlaces(places: readonly NamedHeadRule[]): HostFinding[] {
  return places.flatMap((place) =>
    headRuleFaults([place]).map((fault) => ({
      subject: 'kernel',
      fix: 'guestgate replay',
      ...fault,
      ...(!place.inPlace && place.standing?.stopped === undefined && { cause: causeOf(place.name) }),
    })),
  );
}

/** `iptables FORWARD` is a chain of its table filter; a chain of nftables is named with its table. */
function causeOf(place: string): string {
  return place.replace(/ FORWARD$/, (chain) => (place.includes('tables') ? ` filter${chain}` : chain));
}

export const foreignRules: Check = async ({ records }) =>
  // Where nothing is open, there is nothing to accept.
  records.some(({ elements }) => elements.length > 0)
    ? judgePlaces(await headRuleStates(await backendInUse(readHostState()), true))
    : [];
