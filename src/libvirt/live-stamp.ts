import { closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type GuestId, recordName } from '../model/guest.ts';
import { paths } from '../model/paths.ts';
import { stateFiles } from '../model/state-files.ts';

/* What tells one run of a domain from another: the end of every guest needs it, so nothing else is loaded with it. */

/** How much of a status file is read for its head, in bytes: `<domstatus state= reason= pid=>` follows a comment. */
const headLength = 2048;

/**
 * The process that a domain is, as its status file tells (`<domstatus pid='1234'>`); undefined where there is no such
 * file, or it names none: libxl's domains are no processes.
 */
export function liveProcess({ driver, name }: GuestId): number | undefined {
  if (!isFileName(name)) return undefined;
  let head: string;
  try {
    const path = join(paths.libvirtRun, driver, `${name}.xml`);
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const buffer = Buffer.alloc(headLength);
    head = buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, headLength, 0));
    closeSync(descriptor);
  } catch {
    return undefined;
  }
  const process = Number(/<domstatus\s[^>]*\bpid='(\d{1,10})'/.exec(head)?.[1] ?? 0);
  return process > 1 ? process : undefined;
}

/** Changes whenever the file that says that a guest runs is written: libvirt's, or a local guest's own; undefined where there is none. */
export function liveStamp(guest: GuestId): string | undefined {
  const { driver, name } = guest;
  if (!isFileName(name)) return undefined;
  const path = driver === 'local' ? localGuestFile(guest) : join(paths.libvirtRun, driver, `${name}.xml`);
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.ino} ${status.size} ${status.mtimeNs}`;
}

/** The file that says that a local guest runs: see `src/state/local-guests.ts`. */
export function localGuestFile(guest: GuestId): string {
  return join(stateFiles.local, `${recordName(guest)}.json`);
}

/**
 * Names come from XML: none of them may lead elsewhere. A guest may be called `..`: with its `.xml` that is a
 * file's name like any other.
 */
export function isFileName(name: string): boolean {
  return name !== '' && !/[/\0]/.test(name);
}
