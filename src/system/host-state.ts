import { join } from 'node:path';
import type { BackendName } from '../model/backend-name.ts';
import type { NetworkElement } from '../model/element.ts';
import { places } from '../model/places.ts';
import { readText, writeWhole } from './files.ts';

const hostFile = join(places.state, 'host.json');

/** What is in the kernel that belongs to no guest. */
export interface HostState {
  /** The bit of `ct mark` that the skeleton and the anchors were made with. */
  readonly mark?: number;
  /** The back end that all of it was made with; undefined with a mark: nftables. */
  readonly backend?: BackendName;
  /** The back end that was in use before: what is left of it has to go. */
  readonly leaving?: BackendName;
  /** Tables that were not there before the back end was first used, `ip mangle`: they go with it if nobody uses them. */
  readonly made?: readonly string[];
  /** Records and kernel are being made to agree: where it is found, somebody was killed before they did. */
  readonly rebuilding?: true;
  /** What each libvirt network that runs has in the kernel, by the network's name. */
  readonly networks: { readonly [network: string]: readonly NetworkElement[] };
}

export function readHostState(): HostState {
  try {
    const state = JSON.parse(readText(hostFile) ?? '{}') as Partial<HostState>;
    return { ...state, networks: Object.assign(Object.create(null), state.networks) };
  } catch {
    return { networks: Object.create(null) };
  }
}

export function writeHostState(state: HostState): void {
  writeWhole(hostFile, JSON.stringify(state));
}
