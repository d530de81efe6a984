import { statSync } from 'node:fs';
import type { Witness } from '../model/local-guest.ts';
import { readText } from './files.ts';
import { isInterface } from './host.ts';

/** Whether all that a local guest runs on is there now. */
export function isWitnessed({ namespace, interface: name, process }: Witness): boolean {
  return (
    (namespace === undefined || inodeOf(namespace.path) === namespace.inode) &&
    (name === undefined || isInterface(name)) &&
    (process === undefined || processStart(process.pid) === process.started)
  );
}

/** The number of the inode that a path leads to: for a file in /run/netns that of its namespace; undefined if it is not there. */
export function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** When a process started, in clock ticks after boot; undefined if there is none. Its name, in parentheses, may hold anything. */
export function processStart(pid: number): number | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A process whose parent has not asked for its exit code has ended, too.
  if (fields === undefined || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const started = Number(fields[19]);
  return Number.isSafeInteger(started) ? started : undefined;
}
