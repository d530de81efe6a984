import { statSync } from 'node:fs';

export interface FileStamp {
  /** Changes with every change of the file's content, name, owner or mode; `missing` if there is no file. */
  readonly text: string;
  /** Nanoseconds since 1970. */
  readonly changed: bigint;
}

/** @throws if the path cannot be looked at, for example a link to itself */
export function stampOf(path: string): FileStamp {
  const status = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (status === undefined) return { text: 'missing', changed: 0n };
  const { ino, size, mtimeNs, ctimeNs } = status;
  return { text: `${ino} ${size} ${mtimeNs} ${ctimeNs}`, changed: ctimeNs };
}

/** The stamp of several files: of the folders and the main file first, then of the others in the order of their names. */
export function joinStamps(stamps: readonly string[]): string {
  return stamps.join('|');
}
