import { type Reading, readHost } from '../desired/host-reading.ts';
import type { BackendName } from '../model/backend-name.ts';
import { isFamilyElement } from '../model/element.ts';
import type { Guest } from '../model/guest.ts';
import type { CachedPolicies } from '../state/policy-cache.ts';
import { backendInUse, backendNamed, chooseBackend } from './backend-choice.ts';

/** The host's files, for a plan that may be applied. */
export interface PlanReading extends Reading {
  /** The back end that the configuration chooses; undefined if the configuration cannot be read: the back end stays. */
  readonly backend: BackendName | undefined;
}

/**
 * Reads the host's files, and which elements the chosen back end lacks.
 *
 * @param guest the only guest that will be planned; undefined: any guest
 * @param policies the cached policies, if they have been read
 */
export async function readForPlan(
  guest?: Guest | 'no guest',
  policies?: CachedPolicies,
): Promise<PlanReading> {
  const reading = await readHost(guest, policies);
  const { hostUnknown, host } = reading.configuration;
  const state = reading.recorded();
  const name = hostUnknown.length === 0 ? await chooseBackend(host.backend, state) : undefined;
  const backend = name === undefined ? await backendInUse(state) : await backendNamed(name);
  const lacks: Reading['lacks'] = (element) =>
    isFamilyElement(element) ? backend.lacks(element) : undefined;
  return { ...reading, backend: name, lacks };
}
