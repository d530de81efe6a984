import { type Reading, readHost } from '../desired/host-reading.ts';
import { isFamilyElement } from '../model/element.ts';
import type { Guest } from '../model/guest.ts';
import { readHostState } from '../state/host-state.ts';
import { chooseBackend, loadBackends, wantedBackend } from './backend-choice.ts';

/**
 * What the host's files say, for a plan that is to be carried out: with the back end that the configuration asks for, which
 * is made ready, and what it lacks.
 *
 * @param guest the only guest that will be asked for; undefined: any
 */
export async function readForPlan(guest?: Guest | 'nobody'): Promise<Reading> {
  const reading = await readHost(guest);
  const { hostUnknown, host } = reading.configuration;
  if (hostUnknown.length === 0) await chooseBackend(host.backend);
  else await loadBackends();
  const lacks: Reading['lacks'] = (element) =>
    isFamilyElement(element) ? wantedBackend(readHostState()).lacks(element) : undefined;
  return { ...reading, lacks };
}
