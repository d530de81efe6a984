import { join } from 'node:path';
import { places } from '../model/places.ts';
import { becomeTheOne, startOwnProgram } from './background.ts';

/*
 * The process that does what hooks had no time for: libvirt waits for hooks, and nobody for this one. It is started
 * by the hook that gives up, one on a host, and ends when nothing waits any more.
 */

const lockFile = join(places.state, 'finisher');

/** Starts it, unless it runs. */
export function startFinisher(): void {
  startOwnProgram('finish', lockFile);
}

/** @returns undefined if another one runs; what gives its place free otherwise */
export function becomeFinisher(): (() => void) | undefined {
  return becomeTheOne(lockFile);
}
