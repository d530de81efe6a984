import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../model/problem.ts';

/**
 * Replaces a file so that it survives a power failure that follows: text and name are on the disk when this returns.
 * Only root may read it. Missing folders are made.
 *
 * @throws UserError if it cannot be written: the old text stays
 */
export function writeDurably(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(temporary, { force: true });
    const descriptor = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new UserError(`writing ${path}`, { cause: error });
  }
}

/** Renames a file so that its new name survives a power failure. Needs no space. @throws UserError */
export function renameDurably(from: string, to: string): void {
  try {
    renameSync(from, to);
    syncFolder(dirname(to));
    if (dirname(from) !== dirname(to)) syncFolder(dirname(from));
  } catch (error) {
    throw new UserError(`renaming ${from} to ${to}`, { cause: error });
  }
}

/** A name is in its folder, so the folder has to be on the disk (fsync(2)). */
export function syncFolder(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
