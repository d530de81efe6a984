// Puts a kernel for test guests into .cache/libvirt-guest: Debian's, with the modules of its network interface.
// It is downloaded once, as apt is configured on this machine, and unpacked, not installed.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../../.cache/libvirt-guest', import.meta.url));

/** Metapackages that depend on the newest kernel; the cloud's is the smallest. */
const metapackages = ['linux-image-cloud-amd64', 'linux-image-amd64'];

/** In the order in which they can be loaded. Some kernels have some of them built in. */
const modules = [
  'virtio_ring',
  'virtio',
  'virtio_pci_legacy_dev',
  'virtio_pci_modern_dev',
  'virtio_pci',
  'failover',
  'net_failover',
  'virtio_net',
];

if (!existsSync(target)) fetchKernel();

function fetchKernel() {
  mkdirSync(dirname(target), { recursive: true });
  const work = mkdtempSync(`${target}.`);
  try {
    const kernel = packageName() ?? packageNameAfterUpdate();
    console.error(`setting up: kernel of the test guests (${kernel}, about 30 MB)`);
    run(['apt-get', '-o', 'APT::Sandbox::User=root', '-qq', 'download', kernel], work);
    const archive = find(work, (name) => name.endsWith('.deb')) ?? fail(`apt-get download left no ${kernel}`);
    run(['dpkg-deb', '-x', archive, join(work, 'root')]);
    moveOnce(collect(work));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Another process may have fetched it meanwhile. */
function moveOnce(folder) {
  try {
    renameSync(folder, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

/** `linux-image-6.1.0-56-cloud-amd64`. */
function packageName() {
  for (const metapackage of metapackages) {
    const [, name] =
      /Depends: (linux-image-\S+)/.exec(run(['apt-cache', 'depends', metapackage], '/', true)) ?? [];
    if (name !== undefined) return name;
  }
  return undefined;
}

/** @throws Error if there is no such package even then */
function packageNameAfterUpdate() {
  run(['apt-get', 'update', '-qq']);
  return packageName() ?? fail(`apt knows none of ${metapackages.join(', ')} (only Debian on amd64 does)`);
}

/** Kernel and modules alone: the rest of the package is a hundred times as large. */
function collect(work) {
  const folder = join(work, 'guest');
  mkdirSync(folder);
  const kernel = find(join(work, 'root'), (name) => name.startsWith('vmlinuz-'));
  copyFileSync(kernel ?? fail('the package holds no vmlinuz'), join(folder, 'vmlinuz'));
  for (const [index, module] of modules.entries()) {
    const file = find(join(work, 'root'), (name) => name.replace(/\.xz$/, '') === `${module}.ko`);
    if (file === undefined) continue;
    const copy = join(folder, `${index}-${basename(file)}`);
    copyFileSync(file, copy);
    if (copy.endsWith('.xz')) run(['xz', '-d', copy]);
  }
  return folder;
}

function find(folder, fits) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const entry = entries.find((one) => one.isFile() && fits(one.name));
  return entry && join(entry.parentPath ?? entry.path, entry.name);
}

function run([program, ...args], cwd = '/', mayFail = false) {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (mayFail && error.code !== 'ENOENT') return '';
    return fail(`${[program, ...args].join(' ')}: ${error.stderr?.trim() || error.message}`);
  }
}

function fail(why) {
  throw new Error(`fetching a kernel for the test guests: ${why}`);
}
