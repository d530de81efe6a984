import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { paths } from '../model/paths.ts';
import { UserError } from '../model/problem.ts';

/** No file that is read here comes near this length, in bytes. */
const longest = 64 * 1024 * 1024;

/**
 * The text of a file; undefined if there is none.
 *
 * @throws UserError if it is a folder, a pipe (which is not waited for), too long, or cannot be read
 */
export function readText(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new UserError(`reading ${path}`, { cause: error });
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new Error('it is not a regular file');
    if (status.size > longest) throw new Error(`it is longer than ${longest >> 20} MiB`);
    return readFileSync(descriptor, 'utf8');
  } catch (error) {
    throw new UserError(`reading ${path}`, { cause: error });
  } finally {
    closeSync(descriptor);
  }
}

/** The names in a folder, sorted; none if there is no such folder. */
export function readFolder(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw new UserError(`reading folder ${path}`, { cause: error });
  }
}

/**
 * Replaces a file atomically: a reader, also after a power failure, sees the old text or the new.
 * Only root may read it. Missing folders are made; a folder that has the file's path goes: guestgate never makes one there.
 *
 * @throws UserError if the disk is full, or something else has the path: the old text stays
 */
export function writeWhole(path: string, text: string): void {
  const write = () => replaceFile(path, `${path}.${process.pid}.tmp`, text);
  try {
    try {
      write();
    } catch (error) {
      if (isMissing(error)) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      else if ((error as NodeJS.ErrnoException).code === 'EISDIR') rmSync(path, { recursive: true });
      else throw error;
      write();
    }
  } catch (error) {
    throw new UserError(`writing ${path}`, { cause: error });
  }
}

/** What a new file gets besides its text. */
export interface FileAccess {
  /** As chmod(2) takes it. Undefined: only root may read and write it. */
  readonly mode?: number;
  /** It belongs to root and this group. Undefined: to those of the process. */
  readonly group?: number;
  /** Whether the text is on the disk before the file gets its name: for what is not gone at reboot. */
  readonly durable?: true;
}

/**
 * Writes a text to a temporary file beside another one, and gives it the name of that. Nothing is left where this fails.
 *
 * @param temporary a path in the same folder: a file or a link that has it goes, also one that another user has put there
 * @throws Node's error of the call that failed
 */
export function replaceFile(path: string, temporary: string, text: string, access: FileAccess = {}): void {
  try {
    writeNew(temporary, text, access);
    renameSync(temporary, path);
  } catch (error) {
    tryToRemove(temporary);
    throw error;
  }
}

/** No link is followed (O_EXCL of open(2)), and no other user can read the text before the file is as it is to be. */
function writeNew(path: string, text: string, { mode, group, durable }: FileAccess): void {
  const descriptor = openNew(path);
  try {
    writeFileSync(descriptor, text);
    if (group !== undefined) fchownSync(descriptor, 0, group);
    if (mode !== undefined) fchmodSync(descriptor, mode);
    if (durable) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // A folder stays: another user may have filled it.
    rmSync(path);
    return openSync(path, 'wx', 0o600);
  }
}

function tryToRemove(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // A file system that nothing can be written to: it is not there either.
  }
}

/** Removes what `writeWhole` left of itself where it was killed: its process is gone. */
export function removeOrphans(folder: string): void {
  for (const name of readFolder(folder)) {
    const writer = /\.(\d+)\.tmp$/.exec(name)?.[1];
    if (writer !== undefined && !existsSync(`/proc/${writer}`)) removeFile(join(folder, name));
  }
}

/**
 * Removes a file, or what has its path instead.
 *
 * @throws UserError if it is there and cannot be removed
 */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true, recursive: true });
  } catch (error) {
    throw new UserError(`removing ${path}`, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Whether there is a state folder: a command that only reads does not make one. */
export function hasState(): boolean {
  return existsSync(paths.state);
}

/** Makes the state folder, which only root may read. */
export function makeState(): void {
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
}

/** Whether a file is there and may be run. */
export function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
