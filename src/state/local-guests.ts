import { join } from 'node:path';
import { localGuestFile } from '../libvirt/live-stamp.ts';
import { type GuestId, recordName } from '../model/guest.ts';
import { isLocalGuest, type LocalGuest } from '../model/local-guest.ts';
import { stateFiles } from '../model/state-files.ts';
import { readFolder, removeFile } from '../system/files.ts';
import { isWitnessed } from '../system/witness.ts';
import { readState, type StateRead, writeState } from './state-file.ts';

/*
 * Local guests: those that no hypervisor reports. A file for each says that it runs, as libvirt's status file does for a domain, and
 * what to look at to know that it still does. It is written when the guest is reported as up, and removed when it is reported as down.
 */

const folder = stateFiles.local;
const format = 1;

/** The file of a local guest, and what it says. */
export interface LocalFile {
  readonly path: string;
  readonly read: StateRead<LocalGuest>;
}

export function localId(name: string): GuestId & { readonly driver: 'local' } {
  return { driver: 'local', name };
}

/** All local guests that have been reported as up, whether they still run or not, and files that cannot be read. */
export function readLocalFiles(): LocalFile[] {
  return readFolder(folder).flatMap((file) =>
    file.endsWith('.json') ? [{ path: join(folder, file), read: readFile(join(folder, file)) }] : [],
  );
}

/** The local guest of a name; undefined if none of that name is up, or its file cannot be read. */
export function readLocalGuest(name: string): LocalGuest | undefined {
  const read = readFile(localGuestFile(localId(name)));
  return read.kind === 'read' ? read.value : undefined;
}

/** The local guests that run. */
export function localGuests(): LocalGuest[] {
  return readLocalFiles().flatMap(({ read }) =>
    read.kind === 'read' && isWitnessed(read.value.witness) ? [read.value] : [],
  );
}

/** Whether the file of a local guest is there and cannot be read: nothing says whether the guest runs. */
export function isLocalUnreadable(guest: GuestId): boolean {
  return readFile(localGuestFile(guest)).kind === 'unreadable';
}

/** @throws UserError if it cannot be written */
export function writeLocalGuest(local: LocalGuest): void {
  writeState(localGuestFile(local.guest), format, local);
}

export function removeLocalGuest(name: string): void {
  removeFile(localGuestFile(localId(name)));
}

/** A file whose guest has another name is none of ours. */
function readFile(path: string): StateRead<LocalGuest> {
  const read = readState<LocalGuest>(path, format, isLocalGuest);
  if (read.kind !== 'read' || path.endsWith(`/${recordName(read.value.guest)}.json`)) return read;
  return { kind: 'unreadable', why: 'it is the file of another guest' };
}
