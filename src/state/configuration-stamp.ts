import { statSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../model/paths.ts';
import { guestsFolder, mainFile } from '../system/configuration-files.ts';
import { readFolder } from '../system/files.ts';

/** More files than this are not all looked at: their folder's stamp changes whenever one is replaced, added or removed. */
const most = 200;

/** Changes with the configuration: with every file's content, owner or mode, and with its being there at all. */
export function configurationStamp(): string {
  const folder = guestsFolder(paths.configuration);
  const names = namesIn(folder).filter((name) => name.endsWith('.toml'));
  const files = names.length > most ? [] : names.map((name) => join(folder, name));
  return [paths.configuration, mainFile(paths.configuration), folder, ...files].map(fileStamp).join('|');
}

/** Changes with every change of a file's content, name, owner or mode; `missing` where there is none. */
function fileStamp(path: string): string {
  try {
    const status = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (status === undefined) return 'missing';
    return `${status.ino} ${status.size} ${status.mtimeNs} ${status.ctimeNs}`;
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
