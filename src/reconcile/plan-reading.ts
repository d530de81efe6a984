import { type Reading, readHost } from '../desired/host-reading.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { Guest } from '../model/guest.ts';
import { readHostState } from '../state/host-state.ts';
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
 */
export async function readForPlan(guest?: Guest | 'no guest'): Promise<PlanReading> {
  const reading = await readHost(guest);
  const { hostUnknown, host } = reading.configuration;
  const state = readHostState();
  const name = hostUnknown.length === 0 ? await chooseBackend(host.backend, state) : undefined;
  const backend = name === undefined ? await backendInUse(state) : await backendNamed(name);
  return { ...reading, backend: name, lacks: (element) => backend.lacks(element) };
}
