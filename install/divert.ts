import { chmodSync, existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readText } from '../src/system/files.ts';
import { hasProgram } from '../src/system/host.ts';
import { run } from '../src/system/run.ts';
import type { Made } from './manifest.ts';

/** A foreign file that ours replaces, and where the original is kept. */
export type Diverted = Made & { readonly kind: 'diverted' };

/**
 * Replaces a package's file with ours. The original stays beside it, untouched; dpkg, if there is one,
 * then applies upgrades of the package to the original (dpkg-divert(1)). The path is never without a file.
 */
export function divert({ path, to, text }: Diverted): void {
  dpkgDivert(['--add', path], to);
  rmSync(to, { force: true });
  linkSync(path, to);
  writeOver(path, text);
}

/** Writes ours again, as a newer version has it. */
export function writeOver(path: string, text: string): void {
  const temporary = `${path}.guestgate-new`;
  rmSync(temporary, { force: true });
  writeFileSync(temporary, text, { flag: 'wx' });
  chmodSync(temporary, 0o644);
  renameSync(temporary, path);
}

/**
 * Puts the package's file back, byte by byte, with its times and its mode.
 *
 * @returns false if our file was changed or replaced: both stay
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
