import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compress, documents, filesIn, putFile, type Release, settle } from './stage.ts';

const scripts = ['postinst', 'prerm', 'postrm'];

/** Makes a .deb of a staged folder. @returns its file */
export function makeDeb(root: string, output: string, architecture: string, release: Release): string {
  const files = filesIn(root);
  const size = files.reduce((sum, path) => sum + Math.ceil(statSync(join(root, path)).size / 1024), 0);
  const version = `${release.version}-1`;
  const fill = (text: string) =>
    text
      .replaceAll('@VERSION@', version)
      .replaceAll('@ARCHITECTURE@', architecture)
      .replaceAll('@SIZE@', String(size))
      .replaceAll('@DATE@', new Date(release.time * 1000).toUTCString().replace('GMT', '+0000'));
  const ours = (name: string) => fill(readFileSync(join('pkg/deb', name), 'utf8'));
  putFile(root, join(documents, 'copyright'), ours('copyright'));
  putFile(root, join(documents, 'changelog.Debian'), ours('changelog'));
  compress(root, join(documents, 'changelog.Debian'));
  putFile(root, '/usr/share/lintian/overrides/guestgate', ours('lintian-overrides'));
  putFile(root, 'DEBIAN/md5sums', md5sums(root));
  putFile(root, 'DEBIAN/control', ours('control'));
  putFile(root, 'DEBIAN/triggers', ours('triggers'));
  for (const name of scripts) putFile(root, `DEBIAN/${name}`, ours(name), 0o755);
  settle(root, release.time);
  const file = join(output, `guestgate_${version}_${architecture}.deb`);
  // One thread: with several, the compressed bytes depend on how many there are. Level 6 makes it 9 % smaller, in four times the time.
  const options = ['--root-owner-group', '-Zxz', '-z2', '--threads-max=1', '--build', root, file];
  execFileSync('dpkg-deb', options, {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(release.time) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return file;
}

function md5sums(root: string): string {
  const lines = filesIn(root).map((path) => {
    const sum = createHash('md5')
      .update(readFileSync(join(root, path)))
      .digest('hex');
    return `${sum}  ${path}\n`;
  });
  return lines.join('');
}
