import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigurationFile } from '../model/configuration-file.ts';
import { maximumInput, messageOf, type Problem } from '../model/problem.ts';
import { readFolder, readText } from './files.ts';
import { objectionTo, objectionWithin } from './root-only.ts';

/** The file that contains `[host]`. */
export function mainFile(folder: string): string {
  return join(folder, 'guestgate.toml');
}

/** The folder of the files that hold a guest or some each. */
export function guestsFolder(folder: string): string {
  return join(folder, 'guests.d');
}

/** Whether a file of `guests.d` is read: hidden files, which editors leave, are not. */
export function isConfigurationFile(name: string): boolean {
  return name.endsWith('.toml') && !name.startsWith('.');
}

/** `guestgate.toml` and `guests.d/*.toml`. Refuses a file that another user than root could write or replace. */
export function readConfigurationFiles(folder: string): ConfigurationFile[] {
  const refusedFolder = objectionTo(folder);
  const below = guestsFolder(folder);
  const names = refusedFolder === undefined ? namesIn(below) : [];
  if (!Array.isArray(names))
    return [readOne(mainFile(folder), refusedFolder), { path: below, refused: names }].flat();
  const refusedBelow = names.length === 0 ? undefined : objectionTo(below);
  return [
    ...readOne(mainFile(folder), refusedFolder),
    ...names.flatMap((name) => readOne(join(below, name), refusedBelow)),
  ];
}

/** Files in the folder of the guests' files that are not read, as their names do not end in .toml; copies that programs keep are left out. */
export function unreadNames(folder: string): string[] {
  const isCopy = /^\.|^README|~$|\.(bak|orig|old|save|disabled|rolled-back|rpm\w+|dpkg-\w+|ucf-\w+|swp)$/i;
  const names = objectionTo(folder) === undefined ? namesIn(guestsFolder(folder), () => true) : [];
  return Array.isArray(names) ? names.filter((name) => !name.endsWith('.toml') && !isCopy.test(name)) : [];
}

function namesIn(folder: string, isMeant = isConfigurationFile): string[] | Problem {
  try {
    return readFolder(folder).filter(isMeant);
  } catch (error) {
    return { where: folder, problem: `cannot be read: ${messageOf(error)}` };
  }
}

function readOne(path: string, refused: Problem | undefined): ConfigurationFile[] {
  try {
    const why = refused === undefined ? objectionWithin(path) : { ...refused, where: path };
    if (why !== undefined) return exists(path) ? [{ path, refused: why }] : [];
    const text = readText(path);
    if (text !== undefined)
      return [text.length > maximumInput ? { path, refused: tooLong(path) } : { path, text }];
    return exists(path) ? [{ path, refused: { where: path, problem: 'is a link to a missing file' } }] : [];
  } catch (error) {
    return [{ path, refused: { where: path, problem: `cannot be read: ${messageOf(error)}` } }];
  }
}

function tooLong(path: string): Problem {
  return { where: path, problem: `cannot be read: it is longer than ${maximumInput >> 20} MiB` };
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
