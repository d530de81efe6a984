import { existsSync, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { type GuestId, recordName } from '../model/guest.ts';
import { stateFiles } from '../model/state-files.ts';
import { readFolder, removeOrphans } from '../system/files.ts';

/* Which guests have a record, without reading any: what most events need to know. */

const folder = stateFiles.records;

export function recordFile(name: string): string {
  return join(folder, `${name}.json`);
}

export function hasRecord(id: GuestId): boolean {
  return existsSync(recordFile(recordName(id)));
}

/** Whether any guest has a record. It reads one entry of the folder, however many there are. */
export function hasRecords(): boolean {
  try {
    const opened = opendirSync(folder);
    const first = opened.readSync();
    opened.closeSync();
    return first !== null;
  } catch {
    return false;
  }
}

export function recordNames(): string[] {
  return readFolder(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
}

/** Removes what writing a record left behind when the process was killed. */
export function removeRecordOrphans(): void {
  removeOrphans(folder);
}
