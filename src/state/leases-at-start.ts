import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Lease } from '../libvirt/leases.ts';
import { type GuestId, recordName } from '../model/guest.ts';
import { isList, isObject, isText, type Shape } from '../model/shape.ts';
import { stateFiles } from '../model/state-files.ts';
import { removeFile } from '../system/files.ts';
import { readState, writeState } from './state-file.ts';

/*
 * The leases that there were for a guest's interfaces before it started. One that is just the same now was left over
 * from an earlier run; any other one is of this run. Contents are compared, no times. Written without the lock: libvirt
 * calls the hooks of one guest one by one.
 */

/**
 * The leases that an interface had on a network. An interface without an entry for its network was not looked at before it was
 * there: `virsh update-device` moves a running guest's interface to another network.
 */
export interface LeasesAtStart {
  readonly mac: string;
  readonly network?: string;
  readonly leases: readonly Lease[];
}

const folder = stateFiles.leases;
const format = 1;
const isTime: Shape = (value) => typeof value === 'number';
const isLease = isObject({ mac: isText, address: isText, 'expires?': isTime, 'client?': isText });
const hasShape = isObject({
  interfaces: isList(isObject({ mac: isText, 'network?': isText, leases: isList(isLease) })),
});

const fileOf = (id: GuestId) => join(folder, `${recordName(id)}.json`);

/** Nothing is known if the file is missing or cannot be read. */
export function readLeasesAtStart(id: GuestId): readonly LeasesAtStart[] {
  const read = readState<{ readonly interfaces: readonly LeasesAtStart[] }>(fileOf(id), format, hasShape);
  return read.kind === 'read' ? read.value.interfaces : [];
}

/** @throws UserError if it cannot be written */
export function writeLeasesAtStart(id: GuestId, interfaces: readonly LeasesAtStart[]): void {
  writeState(fileOf(id), format, { interfaces });
}

/** Forgets them: the guest has ended. */
export function removeLeasesAtStart(id: GuestId): void {
  const file = fileOf(id);
  if (existsSync(file)) removeFile(file);
}
