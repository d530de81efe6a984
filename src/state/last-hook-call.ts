import { closeSync, constants, existsSync, openSync, statSync, utimesSync } from 'node:fs';
import { paths } from '../model/paths.ts';
import { stateFiles } from '../model/state-files.ts';

/** Its time says when libvirt last called a hook of ours. It holds nothing. */
const stamp = stateFiles.called;

/** Not waiting: a pipe in place of the file has no reader. */
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/** Says that we were called, where anything is kept at all. What fails here is no matter. */
export function noteCall(): void {
  try {
    if (!existsSync(paths.state)) return;
    closeSync(openSync(stamp, appending, 0o600));
    const now = Date.now() / 1000;
    utimesSync(stamp, now, now);
  } catch {
    // A full or read-only file system: it only helps to judge later.
  }
}

/** In milliseconds since 1970; undefined if that is not known. */
export function lastCalled(): number | undefined {
  return statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
}
