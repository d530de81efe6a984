import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
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
 * Only root may read it. Missing folders are made.
 *
 * @throws UserError if the disk is full, or something else has the path: the old text stays
 */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeInFolder(temporary, text);
    replace(temporary, path);
  } catch (error) {
    tryToRemove(temporary);
    throw new UserError(`writing ${path}`, { cause: error });
  }
}

/** Removes a folder that has the file's path: guestgate never makes one there. */
function replace(temporary: string, path: string): void {
  try {
    renameSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
    rmSync(path, { recursive: true });
    renameSync(temporary, path);
  }
}

function writeInFolder(path: string, text: string): void {
  try {
    writeOwn(path, text);
  } catch (error) {
    if (!isMissing(error)) throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeOwn(path, text);
  }
}

/** A link that has the file's name, wherever it leads, is an error (O_NOFOLLOW of open(2)). */
function writeOwn(path: string, text: string): void {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  const descriptor = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

function tryToRemove(path: string): void {
  try {
    rmSync(path, { force: true });
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
