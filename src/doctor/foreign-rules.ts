import { headRuleFaults } from '../check/head-rule-faults.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { headRuleStates, type NamedHeadRule } from '../reconcile/head-rules.ts';
import { readHostState } from '../state/host-state.ts';
import type { Check, HostFinding } from './check.ts';

/** A rule above guestgate's accept decides over packets that guestgate has admitted. A ban may, and is no finding. */
export function judgePlaces(places: readonly NamedHeadRule[]): HostFinding[] {
  return headRuleFaults(places).map((fault) => ({ subject: 'kernel', fix: 'guestgate replay', ...fault }));
}

export const foreignRules: Check = async ({ records }) =>
  records.length === 0 ? [] : judgePlaces(await headRuleStates(await backendInUse(readHostState()), true));
