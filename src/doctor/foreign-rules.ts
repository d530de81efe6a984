import { rulesAboveOurs } from '../netfilter/rules-above.ts';
import { backendInUse } from '../reconcile/backend-choice.ts';
import { headRuleStates } from '../reconcile/head-rules.ts';
import { readHostState } from '../state/host-state.ts';
import type { Check, Finding } from './finding.ts';

/** A foreign chain that could reject what we admit, and what stands above our accept in it. */
export interface ForeignPlace {
  readonly name: string;
  readonly first: boolean;
  readonly above: readonly string[];
}

/** As many rules are shown; more would hide what to do. */
const shown = 5;

/** What comes before our accept decides over what we have admitted. */
export function judgePlaces(places: readonly ForeignPlace[]): Finding[] {
  return places
    .filter(({ first }) => !first)
    .map(({ name, above }) => {
      const rules = above.slice(0, shown).map((rule) => `\n    ${rule}`);
      const more = above.length > shown ? `\n    and ${above.length - shown} more` : '';
      const which = above.length === 0 ? '' : `; above it, or in its place:${rules.join('')}${more}`;
      return {
        severity: 'everything',
        what: `our accept does not stand first in ${name}${which}`,
        fix: 'guestgate replay',
      };
    });
}

export const foreignRules: Check = async ({ records }) => {
  if (records.length === 0) return [];
  const states = headRuleStates(await backendInUse(readHostState()));
  return judgePlaces(
    states
      .filter(({ needed }) => needed)
      .map(({ name, first }) => ({ name, first, above: first ? [] : rulesAboveOurs(name) })),
  );
};
