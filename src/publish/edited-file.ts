import { locate } from '../desired/configuration.ts';
import type { Finding } from '../model/finding.ts';
import { paths } from '../model/paths.ts';
import { UserError } from '../model/problem.ts';
import { parseConfiguration } from '../policy/configuration.ts';
import type { PendingChange } from '../state/pending-change.ts';
import {
  guestsFolder,
  isConfigurationFile,
  mainFile,
  readConfigurationFiles,
} from '../system/configuration-files.ts';
import { readText } from '../system/files.ts';
import { changeConfiguration } from './configuration-change.ts';
import { writeConfirmed } from './write-confirmed.ts';

/** A configuration file, and its text before it is edited; undefined: it is a new one. */
export interface EditedFile {
  readonly path: string;
  readonly before: string | undefined;
}

/**
 * The file that a person means: none is guestgate.toml, and a name without a slash is one in guests.d.
 *
 * @throws UserError if guestgate reads no such file
 */
export function fileToEdit(name: string | undefined): EditedFile {
  const main = mainFile(paths.configuration);
  const guests = guestsFolder(paths.configuration);
  const path = name === undefined || name === main || name === 'guestgate.toml' ? main : pathIn(guests, name);
  return { path, before: readText(path) };
}

function pathIn(folder: string, name: string): string {
  const file = name.startsWith(`${folder}/`) ? name.slice(folder.length + 1) : name;
  const full = file.endsWith('.toml') ? file : `${file}.toml`;
  if (full.includes('/') || !isConfigurationFile(full))
    throw new UserError(
      `editing ${name}: guestgate reads ${mainFile(paths.configuration)} and ${folder}/*.toml`,
    );
  return `${folder}/${full}`;
}

/** The mistakes that the configuration would have with this text, each with its line. */
export async function mistakesWith({ path }: EditedFile, text: string): Promise<Finding[]> {
  const others = readConfigurationFiles(paths.configuration).filter((file) => file.path !== path);
  const files = [...others, { path, text }];
  return locate(parseConfiguration(files, mainFile(paths.configuration)).problems, files);
}

/**
 * @param confirm how long to wait for `guestgate confirm`, in seconds; undefined: the change needs no confirmation
 * @returns the change that waits; undefined if none does
 * @throws ConfigurationChanged if another program has changed the file since it was read: the file stays as it is
 */
export async function writeEdited(
  { path, before }: EditedFile,
  text: string,
  confirm?: number,
): Promise<PendingChange | undefined> {
  let pending: PendingChange | undefined;
  await changeConfiguration(
    async () => undefined,
    () => {
      pending = writeConfirmed({ path, before, after: text }, confirm);
    },
  );
  return pending;
}
