import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../../.cache', import.meta.url));

/** Nobody reads them here. */
const leftOut = ['doc', 'man', 'locale', 'info', 'lintian', 'bug'];

export interface Wanted {
  /** The folder in .cache; another list of packages needs another name. */
  readonly name: string;
  readonly packages: readonly string[];
  /** Another release of Debian, whole: `trixie`. Else this machine's, less what is installed on it. */
  readonly suite?: string;
}

/**
 * Debian packages and what they depend on, unpacked into a folder and not installed: no script of theirs runs, no
 * service starts, nothing of this machine changes. Downloaded once.
 *
 * @returns the folder
 */
export function unpackedPackages({ name, packages, suite }: Wanted): string {
  const target = join(cache, name);
  if (existsSync(target)) return target;
  mkdirSync(cache, { recursive: true });
  removeHalfMade();
  const work = mkdtempSync(`${target}.of-${process.pid}.`);
  try {
    console.error(`setting up: ${packages.join(', ')}${suite === undefined ? '' : ` of ${suite}`}, unpacked`);
    download(work, packages, suite);
    const root = join(work, 'root');
    mkdirSync(root);
    const archives = join(work, 'cache/archives');
    const script = `for d in "$0"/*.deb; do [ -e "$d" ] || continue; dpkg-deb --fsys-tarfile "$d" | tar -x -C "$1" --keep-directory-symlink ${leftOut
      .map((folder) => `--exclude=./usr/share/${folder}`)
      .join(' ')}; done`;
    execFileSync('sh', ['-ec', script, archives, root], { stdio: ['ignore', 'inherit', 'inherit'] });
    moveOnce(root, target);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

/** Another process may have unpacked the same meanwhile. */
function moveOnce(folder: string, target: string): void {
  try {
    renameSync(folder, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

/** What runs that were killed have left. */
function removeHalfMade(): void {
  for (const folder of readdirSync(cache)) {
    const pid = /\.of-(\d+)\.\w+$/.exec(folder)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(cache, folder), { recursive: true, force: true });
  }
}

function download(work: string, packages: readonly string[], suite: string | undefined): void {
  for (const folder of ['cache/archives/partial', 'state/lists/partial', 'etc'])
    mkdirSync(join(work, folder), { recursive: true });
  const own = suite === undefined ? [] : otherRelease(work, suite);
  const apt = (...args: readonly string[]) => {
    const options = [`Dir::Cache=${join(work, 'cache')}`, ...own, 'APT::Sandbox::User=root'];
    const flags = [...options, 'Debug::NoLocking=1'].flatMap((option) => ['-o', option]);
    execFileSync('apt-get', [...flags, '-qq', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  };
  const install = () => apt('-y', '--no-install-recommends', '--download-only', 'install', ...packages);
  if (suite !== undefined) apt('update');
  try {
    install();
  } catch {
    // A machine that was never updated knows no packages.
    apt('update');
    install();
  }
  // Of this machine's own release there may be nothing left to download.
  const found = readdirSync(join(work, 'cache/archives')).some((file) => file.endsWith('.deb'));
  if (!found && suite !== undefined) throw new Error(`apt-get downloaded nothing for ${packages.join(', ')}`);
}

/** An apt of its own, which knows of nothing that is installed. */
function otherRelease(work: string, suite: string): string[] {
  const key = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(
    join(work, 'etc/sources.list'),
    `deb [signed-by=${key}] http://deb.debian.org/debian ${suite} main\n`,
  );
  writeFileSync(join(work, 'status'), '');
  return [
    `Dir::State=${join(work, 'state')}`,
    `Dir::State::status=${join(work, 'status')}`,
    `Dir::Etc::sourcelist=${join(work, 'etc/sources.list')}`,
    'Dir::Etc::sourceparts=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    'Acquire::Languages=none',
  ];
}
