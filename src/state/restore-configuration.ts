import { copyFileSync, linkSync, lstatSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../model/problem.ts';
import { bestEffort } from '../system/best-effort.ts';
import { syncFolder } from '../system/durable-file.ts';
import { readText, replaceFile } from '../system/files.ts';
import { replaceConfigurationFile } from '../system/guest-file.ts';
import { type ConfigurationCopy, type CopiedFile, copyOfDisk } from './configuration-copy.ts';

/*
 * Brings the configuration files back to a copy. The texts are laid beside the files in advance, so that a full disk does not
 * prevent it: then it is a renaming. What a file said until then stays beside it, as FILE.rolled-back, which guestgate does not read.
 */

/** A file that was brought back, and where the text is that it had. */
export interface RestoredFile {
  readonly path: string;
  /** Undefined if there was no text, or it could not be kept. */
  readonly kept: string | undefined;
}

/** Files whose names begin so are not read: they begin with a dot. */
const prefix = '.guestgate-before.';

/**
 * Lays the texts of a copy beside the files that a change replaces or removes.
 *
 * @param after the files as the change leaves them
 * @throws UserError if there is no room: nothing is left
 */
export function prepareRestore(before: ConfigurationCopy, after: ConfigurationCopy): void {
  const texts = new Map(after.files.map(({ path, text }) => [path, text]));
  const changed = before.files.filter(({ path, text }) => texts.get(path) !== text);
  for (const { path, text } of changed) {
    const beside = besideOf(path);
    try {
      const status = statSync(path, { throwIfNoEntry: false }) ?? { mode: 0o644, gid: 0 };
      replaceFile(beside, `${beside}.${process.pid}.tmp`, text, {
        mode: status.mode & 0o7777,
        group: status.gid,
        durable: true,
      });
    } catch (error) {
      removePrepared(before);
      throw new UserError(`preparing the rollback of ${path}: writing ${beside}`, { cause: error });
    }
  }
}

/** Removes what `prepareRestore` laid beside files. */
export function removePrepared({ files }: ConfigurationCopy): void {
  for (const { path } of files)
    bestEffort('removing a prepared file', () => rmSync(besideOf(path), { force: true }));
}

/**
 * Makes the files on disk those of a copy. Doing it again changes nothing.
 *
 * @returns the files that changed
 * @throws UserError if a file cannot be written: those before it are restored
 */
export function restoreConfiguration(before: ConfigurationCopy): RestoredFile[] {
  const now = new Map(copyOfDisk().files.map(({ path, text }) => [path, text]));
  const wanted = new Set(before.files.map(({ path }) => path));
  const changed = before.files.filter(({ path, text }) => now.get(path) !== text);
  const added = [...now.keys()].filter((path) => !wanted.has(path));
  return [
    ...changed.map((file) => ({ path: file.path, kept: restore(file, now.get(file.path)) })),
    ...added.map((path) => ({ path, kept: remove(path) })),
  ];
}

/** @returns where the present text is kept */
function restore({ path, text }: CopiedFile, now: string | undefined): string | undefined {
  const kept = now === undefined ? undefined : keep(path);
  const beside = besideOf(path);
  if (preparedText(beside) !== text) {
    replaceConfigurationFile(path, now, text);
    return kept;
  }
  try {
    const target = targetOf(path);
    renameSync(beside, target);
    syncFolder(dirname(target));
  } catch (error) {
    throw new UserError(`restoring ${path}`, { cause: error });
  }
  return kept;
}

function preparedText(beside: string): string | undefined {
  return bestEffort('reading a prepared file', () => readText(beside));
}

/** A file that the copy does not have. */
function remove(path: string): string | undefined {
  const kept = keep(path);
  try {
    rmSync(path);
    syncFolder(dirname(path));
  } catch (error) {
    throw new UserError(`removing ${path}`, { cause: error });
  }
  return kept;
}

/** Keeps a file's text under a second name, which needs no space for it, or as a copy where the file system has no links. */
function keep(path: string): string | undefined {
  return bestEffort(`keeping the text of ${path}`, () => {
    const target = targetOf(path);
    const kept = `${target}.rolled-back`;
    rmSync(kept, { force: true });
    const linked = bestEffort(`linking ${kept}`, () => linkSync(target, kept) ?? true);
    if (linked === undefined) copyFileSync(target, kept);
    return kept;
  });
}

/** In the folder of the file that a link leads to: it is renamed to that. */
function besideOf(path: string): string {
  const target = targetOf(path);
  return join(dirname(target), `${prefix}${basename(target)}`);
}

function targetOf(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync(path);
}
