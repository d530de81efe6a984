import { isStanding } from '../model/element.ts';
import { readHostState } from '../state/host-state.ts';

/** Whether there are rules that exist without a guest: those of a `[network.NAME]` table, and of absent guests. */
export function hasStandingRules(): boolean {
  return Object.values(readHostState().networks).some((elements) => elements.some(isStanding));
}
