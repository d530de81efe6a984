import { isAdmitting, isStanding } from '../model/network-element.ts';
import { readHostState } from '../state/host-state.ts';

/** Whether there are rules that exist without a guest: those of a `[network.NAME]` table, and of absent guests. */
export function hasStandingRules(): boolean {
  return Object.values(readHostState().networks).some((elements) => elements.some(isStanding));
}

/** Whether a network admits what other programs may refuse: then it needs head rules, without any guest, too. */
export function hasAdmittingNetworks(networks = readHostState().networks): boolean {
  return Object.values(networks).some((elements) => elements.some(isAdmitting));
}
