import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { paths } from '../../src/model/paths.ts';
import { ownFiles } from '../own-files.ts';
import { sampleConfiguration } from '../sample-configuration.ts';

/** What all packages of a build have in common. */
export interface Release {
  readonly version: string;
  /** In seconds since 1970: the date of every file. */
  readonly time: number;
  readonly thirdParty: string;
}

export const documents = '/usr/share/doc/guestgate';

/** A folder with what a package installs: the program, and the files that `guestgate install` puts beside it. */
export function stage(root: string, family: 'debian' | 'other', program: string, release: Release): void {
  const put = (path: string, text: string, mode = 0o644) => putFile(root, path, text, mode);
  mkdirSync(join(root, dirname(paths.program)), { recursive: true, mode: 0o755 });
  copyFileSync(program, join(root, paths.program));
  chmodSync(join(root, paths.program), 0o755);
  for (const { path, text, mode } of ownFiles(family)) {
    put(path, text, mode);
    if (path.startsWith('/usr/share/man/')) compress(root, path);
  }
  for (const name of ['ansible', 'cloud-init'])
    for (const file of filesIn(join('pkg', name)))
      put(join(documents, 'examples', name, file), readFileSync(join('pkg', name, file), 'utf8'));
  put(join(documents, 'examples/guestgate.toml'), sampleConfiguration);
  for (const name of ['guestgate.schema.json', 'status.schema.json'])
    put(join('/usr/share/guestgate', name), readFileSync(join('docs/reference', name), 'utf8'));
  put(join(documents, 'third-party-licences'), release.thirdParty);
  put(join(documents, 'changelog'), readFileSync('CHANGELOG.md', 'utf8'));
  compress(root, join(documents, 'third-party-licences'));
  compress(root, join(documents, 'changelog'));
}

export function putFile(root: string, path: string, text: string, mode = 0o644): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/** Without name and time in it. */
export function compress(root: string, path: string): void {
  execFileSync('gzip', ['-9n', join(root, path)]);
}

/** Every file and folder gets the release's date, and folders one mode, whatever umask there is: archives of it are the same each time. */
export function settle(root: string, time: number): void {
  for (const path of ['.', ...readdirSync(root, { recursive: true, encoding: 'utf8' })].map((name) =>
    join(root, name),
  )) {
    if (lstatSync(path).isDirectory()) chmodSync(path, 0o755);
    lutimesSync(path, time, time);
  }
}

/** Paths of the files in a folder, below it, sorted. */
export function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => !lstatSync(join(root, path)).isDirectory())
    .sort();
}
