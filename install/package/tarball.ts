import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { putFile, type Release, settle } from './stage.ts';

/** For everything that takes neither .deb nor .rpm: the program, which installs itself. @returns the archive's file */
export function makeTarball(
  work: string,
  output: string,
  program: string,
  target: string,
  release: Release,
): string {
  const root = join(work, `guestgate-${release.version}-${target}`);
  putFile(
    root,
    'install.sh',
    readFileSync('pkg/tar/install.sh', 'utf8').replaceAll('@TARGET@', target),
    0o755,
  );
  putFile(root, 'third-party-licences', release.thirdParty);
  for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md'])
    putFile(root, name, readFileSync(name, 'utf8'));
  copyFileSync(program, join(root, 'guestgate'));
  chmodSync(join(root, 'guestgate'), 0o755);
  settle(root, release.time);
  const archive = join(output, `${basename(root)}.tar`);
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--format=ustar'];
  execFileSync('tar', [...owner, '-C', dirname(root), '-cf', archive, basename(root)]);
  execFileSync('gzip', ['-9nf', archive]);
  return `${archive}.gz`;
}
