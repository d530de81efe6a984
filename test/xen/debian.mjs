// Debian packages, as apt is configured on this machine: downloaded once into .cache/xen/debs, and unpacked where they
// are wanted. Nothing is installed.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What all of this leaves behind, and finds again. */
export const cache = fileURLToPath(new URL('../../.cache/xen', import.meta.url));

const debs = join(cache, 'debs');

/** Unpacks packages over one another; a folder that is a link already (/lib to /usr/lib) stays one. */
export function unpack(packages, root) {
  mkdirSync(root, { recursive: true });
  for (const archive of download(packages))
    run('sh', [
      '-ec',
      'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"',
      'sh',
      archive,
      root,
    ]);
}

/** The packages that some need, themselves included, but for those that nobody here misses, and mere names (`<name>`). */
export function withDependencies(packages, isWanted) {
  const kinds = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
    (kind) => `--no-${kind}`,
  );
  const text = apt(() => run('apt-cache', ['depends', '--recurse', ...kinds, ...packages]));
  const names = text.split('\n').filter((line) => /^[a-z0-9]/.test(line));
  return [...new Set(names)].map((name) => name.replace(/:.*$/, '')).filter(isWanted);
}

/** What a metapackage depends on, by the beginning of its name: `xen-hypervisor-` is `xen-hypervisor-4.17-amd64`. */
export function dependencyOf(metapackage, prefix) {
  const text = apt(() => run('apt-cache', ['depends', metapackage]));
  const found = [...text.matchAll(/Depends: (\S+)/g)].map(([, name]) => name);
  const name = found.find((one) => one.startsWith(prefix) && /\d/.test(one));
  if (name === undefined) throw new Error(`apt: ${metapackage} depends on no ${prefix}...`);
  return name;
}

/** @returns their archives */
function download(packages) {
  mkdirSync(debs, { recursive: true });
  const archiveOf = (name) => readdirSync(debs).find((file) => file.startsWith(`${name}_`));
  const missing = packages.filter((name) => archiveOf(name) === undefined);
  if (missing.length > 0) {
    console.error(`setting up: ${missing.length} packages for the tests with Xen, once`);
    fetch(missing);
  }
  return packages.map((name) => join(debs, archiveOf(name) ?? `${name}_(apt-get download left none)`));
}

/** Archives get their names when they are whole: several processes may fetch the same ones. */
function fetch(packages) {
  const work = mkdtempSync(join(cache, 'fetching-'));
  try {
    apt(() => run('apt-get', ['-o', 'APT::Sandbox::User=root', '-qq', 'download', ...packages], work));
    for (const file of readdirSync(work)) renameSync(join(work, file), join(debs, file));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** apt may not know of any package yet, or of versions that are gone. */
function apt(action) {
  try {
    return action();
  } catch {
    run('apt-get', ['update', '-qq']);
    return action();
  }
}

function run(program, args, cwd = '/') {
  try {
    return execFileSync(program, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
  } catch (error) {
    throw new Error(`${program} ${args.slice(0, 4).join(' ')}: ${error.stderr?.trim() || error.message}`);
  }
}

/** Makes something once: whoever finds it there leaves it. */
export function once(path, make) {
  if (!existsSync(path)) make(path);
  return path;
}
