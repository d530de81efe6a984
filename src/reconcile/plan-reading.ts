import { type Reading, readHost } from '../desired/host-reading.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { Guest } from '../model/guest.ts';
import { readHostState } from '../state/host-state.ts';
import { backendInUse, backendNamed, chooseBackend } from './backend-choice.ts';

/** What the host's files say, for a plan that may be carried out. */
export interface PlanReading extends Reading {
  /** The back end that the configuration asks for; undefined: as before, the configuration cannot be read. */
  readonly backend: BackendName | undefined;
}

/**
 * Reads the host's files, and what the back end that the configuration asks for lacks.
 *
 * @param guest the only guest that will be asked for; undefined: any
 */
export async function readForPlan(guest?: Guest | 'nobody'): Promise<PlanReading> {
  const reading = await readHost(guest);
  const { hostUnknown, host } = reading.configuration;
  const state = readHostState();
  const name = hostUnknown.length === 0 ? await chooseBackend(host.backend, state) : undefined;
  const backend = name === undefined ? await backendInUse(state) : await backendNamed(name);
  return { ...reading, backend: name, lacks: (element) => backend.lacks(element) };
}
