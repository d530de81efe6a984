import { join } from 'node:path';
import { paths } from '../model/paths.ts';
import { guestsFolder, isConfigurationFile, mainFile } from '../system/configuration-files.ts';
import { readFolder } from '../system/files.ts';
import { joinStamps, stampOf } from './file-stamp.ts';

/** More files than this are not all looked at: their folder's stamp changes whenever one is replaced, added or removed. */
const most = 200;

/** Changes with the configuration: with every file's content, owner or mode, and with its being there at all. */
export function configurationStamp(): string {
  const folder = guestsFolder(paths.configuration);
  const names = namesIn(folder).filter(isConfigurationFile);
  const files = names.length > most ? [] : names.map((name) => join(folder, name));
  return joinStamps([paths.configuration, mainFile(paths.configuration), folder, ...files].map(fileStamp));
}

function fileStamp(path: string): string {
  try {
    return stampOf(path).text;
  } catch (error) {
    // A link to itself: reading the configuration reports it.
    return String((error as NodeJS.ErrnoException).code);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readFolder(folder);
  } catch {
    // It cannot be read: reading the configuration reports why.
    return [];
  }
}
