// Puts the XML of libvirt's source package into .cache/corpora, as apt is configured on this machine. Nothing is installed.
// (Xen's source package holds no XML.)
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../.cache/corpora', import.meta.url));
/** @returns the folder that holds the XML files as they lie in the sources */
export function libvirtXml() {
  const target = join(cache, 'libvirt');
  if (!existsSync(target)) fetch('libvirt');
  return target;
}

function fetch(name) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), 'guestgate-corpora-'));
  try {
    const options = withSources(work);
    apt([...options, 'update', '-qq'], work);
    download(name, options, work);
    const target = join(work, 'unpacked');
    mkdirSync(target);
    for (const archive of readdirSync(work).filter((file) => /\.orig(-[\w-]+)?\.tar\.\w+$/.test(file)))
      execFileSync(
        'tar',
        ['-xf', join(work, archive), '-C', target, '--wildcards', '--strip-components=1', '*.xml'],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      );
    execFileSync('cp', ['-a', target, join(cache, `${name}.new`)]);
    renameSync(join(cache, `${name}.new`), join(cache, name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A mirror may lack the newest version that it lists. */
function download(name, options, work) {
  const listed = execFileSync('apt-cache', [...options, 'showsrc', '--only-source', name], {
    encoding: 'utf8',
  });
  const versions = [...new Set([...listed.matchAll(/^Version: (.+)$/gm)].map(([, version]) => version))];
  for (const version of versions)
    try {
      apt([...options, '-qq', 'source', '--download-only', `${name}=${version}`], work);
      return;
    } catch (error) {
      if (version === versions.at(-1)) throw error;
    }
  throw new Error(`apt knows no source package ${name}`);
}

/** apt's own sources, with the source packages of each. */
function withSources(work) {
  const parts = '/etc/apt/sources.list.d';
  const deb822 = existsSync(parts) ? readdirSync(parts).filter((file) => file.endsWith('.sources')) : [];
  const lists = [
    '/etc/apt/sources.list',
    ...(existsSync(parts) ? readdirSync(parts) : [])
      .filter((file) => file.endsWith('.list'))
      .map((file) => join(parts, file)),
  ];
  const own = join(work, 'sources.list.d');
  for (const folder of [own, join(work, 'lists/partial')]) mkdirSync(folder, { recursive: true });
  for (const file of deb822)
    writeFileSync(
      join(own, file),
      readFileSync(join(parts, file), 'utf8').replaceAll(/^Types:.*$/gm, 'Types: deb-src'),
    );
  const lines = lists
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  writeFileSync(
    join(own, 'others.list'),
    `${lines.map((line) => line.replace(/^deb /, 'deb-src ')).join('\n')}\n`,
  );
  return [
    '-o',
    'Dir::Etc::sourcelist=/dev/null',
    '-o',
    `Dir::Etc::sourceparts=${own}`,
    '-o',
    `Dir::State::lists=${join(work, 'lists')}`,
    '-o',
    'APT::Sandbox::User=root',
  ];
}

function apt(args, cwd) {
  execFileSync('apt-get', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}
