import { closeSync, constants, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { paths } from '../model/paths.ts';

/*
 * A tally is a file with one byte for each thing that happened since boot: processes add to it without a lock, and its
 * length is the count.
 */

/** Not waiting: a pipe in place of the file has no reader. */
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/**
 * Counts one more, where anything is kept at all. What fails here is no matter: a full or read-only file system.
 *
 * @returns the number of this one, which no other process gets; undefined if it was not counted
 */
export function addToTally(file: string): number | undefined {
  try {
    if (!existsSync(paths.state)) return undefined;
    const descriptor = openSync(file, appending, 0o600);
    try {
      writeSync(descriptor, '.');
      // Where this process has written to: the length may have grown since.
      const position = /^pos:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
      return Number(position) || undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/** How many were counted since boot. */
export function readTally(file: string): number {
  const status = statSync(file, { throwIfNoEntry: false });
  return status?.isFile() === true ? status.size : 0;
}
