import { type BackendName, backendNames } from '../model/backend-name.ts';
import { isObject, isOneOf } from '../model/shape.ts';
import { earlierStateFiles, stateFiles } from '../model/state-files.ts';
import { hasState, removeFile } from '../system/files.ts';
import { toSystem } from '../system/log-line.ts';
import { readState, type StateRead, setAside, writeState } from './state-file.ts';

/* What the host can do, asked once a boot: a file of its own, as it is written before the lock is taken. */

const file = stateFiles.backend;
const format = 1;
const hasShape = isObject({ backend: isOneOf(...backendNames) });

/** The same in an earlier version, as a text: the host is asked again. */
const earlier = earlierStateFiles.backend;

/** The back end that `auto` chose here; undefined: the host has not been asked yet, or the file cannot be read. */
export function readChosenBackend(): BackendName | undefined {
  const read: StateRead<{ readonly backend: BackendName }> = readState(file, format, hasShape);
  return read.kind === 'read' ? read.value.backend : undefined;
}

/**
 * Remembers the answer. Does nothing where there is no state folder: a command that only looks makes none.
 *
 * @throws UserError if the file cannot be written
 */
export function writeChosenBackend(backend: BackendName): void {
  if (!hasState()) return;
  const read = readState(file, format, hasShape);
  if (read.kind === 'unreadable') {
    const message = `reading the state: ${file} cannot be read: ${read.why}: moved to ${setAside(file)}; the host was asked again`;
    void toSystem({ level: 'error', message });
  }
  writeState(file, format, { backend });
  removeFile(earlier);
}
