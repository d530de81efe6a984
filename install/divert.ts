import { chmodSync, existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readText } from '../src/system/files.ts';
import { hasProgram } from '../src/system/host.ts';
import { run } from '../src/system/run.ts';
import type { Made } from './manifest.ts';

/** Somebody else's file, and where it waits while ours stands in its place. */
export type Diverted = Made & { readonly kind: 'diverted' };

/**
 * Puts a file of ours in the place of a package's. The other one waits beside it, untouched; where there is dpkg, it is
 * told, so that an upgrade of the package changes that one (dpkg-divert(1)). At no moment there is no file.
 */
export function divert({ path, to, text }: Diverted): void {
  dpkgDivert(['--add', path], to);
  rmSync(to, { force: true });
  linkSync(path, to);
  writeOver(path, text);
}

/** Writes ours anew, as a newer version has it. */
export function writeOver(path: string, text: string): void {
  const temporary = `${path}.guestgate-new`;
  writeFileSync(temporary, text);
  chmodSync(temporary, 0o644);
  renameSync(temporary, path);
}

/**
 * The package's file is in its place again, byte by byte, with its times and its mode.
 *
 * @returns false if somebody has changed ours, or put another one there: both stay
 */
export function restore({ path, to, text }: Diverted): boolean {
  if (!existsSync(to)) return true;
  if ((readText(path) ?? text) !== text) return false;
  renameSync(to, path);
  dpkgDivert(['--remove', path], to);
  return true;
}

function dpkgDivert([what = '', path = '']: readonly string[], to: string): void {
  if (!hasProgram('dpkg-divert')) return;
  const args = ['--quiet', '--local', '--no-rename', '--divert', to, what, path];
  run({ program: 'dpkg-divert', args }, `telling dpkg of ${path}`);
}
