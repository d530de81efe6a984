import { type BackendName, backendNames } from '../model/backend-name.ts';
import { isNetworkElement } from '../model/element-shape.ts';
import type { NetworkElement } from '../model/network-element.ts';
import { isCount, isList, isObject, isOneOf, isRecordOf, isText } from '../model/shape.ts';
import { stateFiles } from '../model/state-files.ts';
import { readState, type StateRead, setAside, writeState } from './state-file.ts';

const hostFile = stateFiles.host;
const format = 1;
const isBackend = isOneOf(...backendNames);
const hasShape = isObject({
  'mark?': isCount,
  'edition?': isCount,
  'backend?': isBackend,
  'leaving?': isBackend,
  'made?': isList(isText),
  networks: isRecordOf(isList(isNetworkElement)),
});

/** What is in the kernel that belongs to no guest. */
export interface HostState {
  /** The bit of `ct mark` in the base ruleset and the head rules. */
  readonly mark?: number;
  /** The edition of the base ruleset and the head rules (`rulesetEdition`); undefined with a mark: of a version without numbers. */
  readonly edition?: number;
  /** The back end that all of it was made with; undefined with a mark: nftables. */
  readonly backend?: BackendName;
  /** The back end that was in use before: what is left of it has to go. */
  readonly leaving?: BackendName;
  /** Tables and base chains that the back end made, `ip mangle`, `ip nat PREROUTING`: they go with it if no other program uses them. */
  readonly made?: readonly string[];
  /** What each libvirt network that runs has in the kernel, by the network's name. */
  readonly networks: { readonly [network: string]: readonly NetworkElement[] };
}

/** What is known of the kernel; nothing where the file is missing or unreadable. */
export function readHostState(): HostState {
  const read: StateRead<HostState> = readState(hostFile, format, hasShape);
  if (read.kind !== 'read') return { networks: Object.create(null) };
  const { networks, ...state } = read.value;
  return { ...state, networks: Object.assign(Object.create(null), networks) };
}

/** Why the file cannot be read; undefined where it can, or there is none. */
export function hostStateProblem(): string | undefined {
  const read = readState(hostFile, format, hasShape);
  return read.kind === 'unreadable' ? `${hostFile} cannot be read: ${read.why}` : undefined;
}

/** Moves a file that cannot be read out of the way. @returns where it is now */
export function setHostStateAside(): string {
  return setAside(hostFile);
}

export function writeHostState(state: HostState): void {
  writeState(hostFile, format, state);
}

/** The back end in use; undefined: the kernel holds no rules of ours. Before there were two, it was nftables. */
export function nameInUse({ backend, mark }: HostState): BackendName | undefined {
  return backend ?? (mark === undefined ? undefined : 'nftables');
}
