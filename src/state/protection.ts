import { type HostProtection, isProtection } from '../model/protection.ts';
import { isObject, isText } from '../model/shape.ts';
import { stateFiles } from '../model/state-files.ts';
import { removeFile } from '../system/files.ts';
import { readState, writeState } from './state-file.ts';

/* Which protection of the host is in the kernel: if another program flushes the ruleset, it is made again from this. */

export interface RecordedProtection {
  readonly protection: HostProtection;
  /** The chain in the kernel by whose name the table is known. */
  readonly marker: string;
}

const format = 1;
const hasShape = isObject({ protection: isProtection, marker: isText });

/** The protection that is in the kernel; undefined if there is none, or the file is damaged. */
export function recordedProtection(): RecordedProtection | undefined {
  const read = readState<RecordedProtection>(stateFiles.protection, format, hasShape);
  return read.kind === 'read' ? read.value : undefined;
}

/** @throws UserError if there is no room */
export function recordProtection(recorded: RecordedProtection | undefined): void {
  if (recorded === undefined) removeFile(stateFiles.protection);
  else writeState(stateFiles.protection, format, recorded);
}
