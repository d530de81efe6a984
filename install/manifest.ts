import { join } from 'node:path';
import { paths } from '../src/model/paths.ts';
import { UserError } from '../src/model/problem.ts';
import { readText, removeFile, writeWhole } from '../src/system/files.ts';
import { accessOfOthers } from '../src/system/root-only.ts';

/** What `install` made on this host, so that `uninstall` removes that and nothing else. */
export interface Manifest {
  /** In the order they were made. */
  readonly made: readonly Made[];
}

export type Made =
  | { readonly kind: 'folder' | 'program'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  /** A foreign file, kept at `to`. */
  | { readonly kind: 'diverted'; readonly path: string; readonly to: string; readonly text: string };

export const manifestFolder = paths.kept;
const file = join(manifestFolder, 'installed.json');

/**
 * @param prefix where the system is mounted that it is of; by default, this one
 * @throws UserError if others than root could write it: `uninstall` removes what it names
 */
export function readManifest(prefix = ''): Manifest {
  const access = prefix === '' ? accessOfOthers(file) : undefined;
  if (access !== undefined)
    throw new UserError(
      `reading ${file}: ${access.at} ${access.problem} (look at the file, then ${access.command})`,
    );
  const text = readText(join(prefix, file));
  return text === undefined ? { made: [] } : (JSON.parse(text) as Manifest);
}

export function writeManifest(manifest: Manifest, prefix = ''): void {
  writeWhole(join(prefix, file), `${JSON.stringify(manifest, null, 2)}\n`);
}

export function removeManifest(): void {
  removeFile(file);
}
