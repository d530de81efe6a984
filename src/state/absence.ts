import type { NetworkElement } from '../model/network-element.ts';
import { type HostState, readHostState } from './host-state.ts';

/** The key of what is dropped for absent guests among the elements of networks: no network's name has a slash. */
export const absence = '/absent';

/** What the kernel drops for absent guests now, by the records. */
export function recordedAbsence(
  { networks }: HostState = readHostState(),
): Extract<NetworkElement, { kind: 'absent' }>[] {
  return (networks[absence] ?? []).flatMap((one) => (one.kind === 'absent' ? [one] : []));
}
