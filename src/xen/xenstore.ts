import { hasProgram } from '../system/host.ts';
import { tryListing } from '../system/listing.ts';
import { tryRun } from '../system/run.ts';

/*
 * xenstore through its own programs. Unlike a hypervisor's daemon it never waits for the caller of a vif script, so
 * vif scripts may ask it.
 */

/** Whether this host has the programs; a Xen that runs is another matter. */
export function hasXenstore(): boolean {
  return hasProgram('xenstore-ls');
}

/**
 * All nodes below a path, as `xenstore-ls -f` prints them; undefined if there is none, or xenstore does not answer.
 *
 * @throws CommandError if the listing is not whole
 */
export function listXenstore(path: string): string | undefined {
  return tryListing({ program: 'xenstore-ls', args: ['-f', path] });
}

/** The values of some nodes, a line each, as xenstore-read prints them; undefined if one of them is not there. */
export function readXenstore(paths: readonly string[]): string[] | undefined {
  const text = tryRun({ program: 'xenstore-read', args: paths });
  const lines = text?.replace(/\n$/, '').split('\n');
  return lines?.length === paths.length ? lines : undefined;
}
