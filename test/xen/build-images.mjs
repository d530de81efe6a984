// Makes what a machine with Xen boots from, in .cache/xen: Xen itself, Debian's kernel, dom0's system and that of its
// guests, from Debian's packages. Nothing is installed. It is made anew when this file or one beside it changes.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { cache, dependencyOf, unpack, withDependencies } from './debian.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** What dom0 needs to run Xen's tools, its vif scripts and guestgate. */
const programs = [
  ...[
    'bash',
    'dash',
    'coreutils',
    'grep',
    'sed',
    'mawk',
    'findutils',
    'debianutils',
    'diffutils',
    'hostname',
    'procps',
  ],
  ...[
    'util-linux',
    'bsdutils',
    'mount',
    'kmod',
    'iproute2',
    'iptables',
    'nftables',
    'iputils-ping',
    'busybox-static',
  ],
  ...['xen-utils-common', 'xenstore-utils', 'libc-bin', 'base-files'],
];

/** Nothing of these is run here. */
const unwanted =
  /^(python3|perl|lib(perl|python)|systemd|udev|init|sysv|ucf|debconf|cdebconf|dpkg|tar|adduser|passwd|login|sensible|gcc-\d+-base|libpam|qemu|grub|ipxe|media-types|lsb|install-info|tzdata|usr-is-merged|mawk-|original-awk|busybox$)/;

/** What of the packages nobody here opens. */
const useless = [
  ...['doc', 'man', 'locale', 'i18n', 'info', 'perl', 'perl5', 'lintian', 'common-licenses', 'bug'].map(
    (one) => `usr/share/${one}`,
  ),
  ...[
    'usr/lib/x86_64-linux-gnu/gconv',
    'usr/lib/x86_64-linux-gnu/perl-base',
    'usr/lib/python3',
    'usr/share/bash-completion',
    'usr/lib/udev',
    'boot',
  ],
];

/** The parts of the kernel that dom0 loads, by folder or file below `kernel/`. */
const modules = [
  ...[
    'net/bridge',
    'net/netfilter',
    'net/ipv4',
    'net/ipv6',
    'net/802',
    'net/llc',
    'drivers/xen',
    'drivers/net/xen-netback',
  ],
  ...[
    'drivers/net/tun.ko',
    'drivers/net/veth.ko',
    'drivers/net/dummy.ko',
    'drivers/block/loop.ko',
    'lib/libcrc32c.ko',
    'crypto/crc32c_generic.ko',
  ],
];

/** Why no machine with Xen can be made here; undefined if it can. */
export function whyNotHere() {
  if (process.arch !== 'x64') return `this is a machine of ${process.arch}, and only one of x64 is emulated`;
  for (const program of ['qemu-system-x86_64', 'apt-cache', 'dpkg-deb', 'xz', 'busybox'])
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `there is no ${program}`;
  if (existsSync(join(cache, 'images', 'stamp'))) return undefined;
  try {
    dependencyOf('xen-system-amd64', 'xen-hypervisor-');
    dependencyOf('linux-image-amd64', 'linux-image-');
    return undefined;
  } catch (error) {
    return `apt has no packages for it: ${error.message}`;
  }
}

/** @returns the folder that holds xen, vmlinux, dom0.cpio and domu.cpio */
export function buildImages() {
  const target = join(cache, 'images');
  const kernel = dependencyOf('linux-image-amd64', 'linux-image-');
  const hypervisor = dependencyOf('xen-system-amd64', 'xen-hypervisor-');
  const utils = dependencyOf('xen-system-amd64', 'xen-utils-');
  const sources = ['build-images.mjs', 'debian.mjs', 'dom0-init', 'domu-init'].map((file) =>
    readFileSync(here(file)),
  );
  const stamp = createHash('sha256')
    .update([kernel, hypervisor, utils, ...sources].join('\n'))
    .digest('hex');
  if (existsSync(join(target, 'stamp')) && readFileSync(join(target, 'stamp'), 'utf8') === stamp)
    return target;
  const work = join(cache, `work-${process.pid}`);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  try {
    const names = { kernel, hypervisor, utils };
    const unpacked = join(work, 'kernel');
    unpack([kernel, hypervisor], unpacked);
    putBootFiles(unpacked, target);
    putGuest(unpacked, join(work, 'domu'), target);
    putDom0(names, unpacked, join(work, 'dom0'), target);
    writeFileSync(join(target, 'stamp'), stamp);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return target;
}

/** Uncompressed: where the processor is emulated, Xen would take longer to unpack them than all else takes. */
function putBootFiles(unpacked, target) {
  const boot = join(unpacked, 'boot');
  const file = (fits) => join(boot, readdirSync(boot).find(fits) ?? 'nothing');
  writeFileSync(
    join(target, 'xen'),
    gunzipSync(readFileSync(file((name) => /^xen-.*\.gz$/.test(name) && !name.includes('syms')))),
  );
  // The ELF image inside a bzImage: Documentation/arch/x86/boot.rst of Linux, setup_sects, payload_offset and _length.
  const image = readFileSync(file((name) => name.startsWith('vmlinuz-')));
  const start = (image[0x1f1] + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c));
  writeFileSync(join(target, 'vmlinux'), run('xz', ['-dc', '--single-stream'], { input: payload }));
}

function putGuest(unpacked, root, target) {
  mkdirSync(join(root, 'bin'), { recursive: true });
  cpSync('/usr/bin/busybox', join(root, 'bin/busybox'));
  cpSync(here('domu-init'), join(root, 'init'));
  const driver = moduleFile(unpacked, 'drivers/net/xen-netfront.ko');
  cpSync(driver, join(root, 'xen-netfront.ko'));
  pack(root, join(target, 'domu.cpio'));
}

function putDom0({ utils }, unpacked, root, target) {
  for (const folder of [
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'usr/lib64',
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'root',
    'var/log/xen/console',
    'lab',
  ])
    mkdirSync(join(root, folder), { recursive: true });
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${folder}`, join(root, folder));
  symlinkSync('/run', join(root, 'var/run'));
  unpack(
    withDependencies([...programs, utils], (name) => !unwanted.test(name)),
    root,
  );
  for (const path of useless) rmSync(join(root, path), { recursive: true, force: true });
  for (const name of ['iptables', 'ip6tables'])
    for (const end of ['', '-save', '-restore']) {
      rmSync(join(root, `usr/sbin/${name}${end}`), { force: true });
      symlinkSync('xtables-nft-multi', join(root, `usr/sbin/${name}${end}`));
    }
  for (const [link, to] of [
    ['sh', 'dash'],
    ['awk', 'mawk'],
    ['which', 'which.debianutils'],
  ])
    if (!existsSync(join(root, 'usr/bin', link))) symlinkSync(to, join(root, 'usr/bin', link));
  putModules(unpacked, root);
  writeFileSync(join(root, 'etc/hosts'), '127.0.0.1 localhost dom0\n');
  cpSync(here('dom0-init'), join(root, 'init'));
  for (const file of ['vmlinux', 'domu.cpio']) cpSync(join(target, file), join(root, 'lab', file));
  pack(root, join(target, 'dom0.cpio'));
}

function putModules(unpacked, root) {
  const [version = ''] = readdirSync(join(unpacked, 'lib/modules'));
  const from = join(unpacked, 'lib/modules', version);
  const to = join(root, 'usr/lib/modules', version);
  for (const path of modules) {
    const source = join(from, 'kernel', path);
    if (existsSync(source)) cpSync(source, join(to, 'kernel', path), { recursive: true });
    else if (existsSync(`${source}.xz`)) cpSync(`${source}.xz`, join(to, 'kernel', `${path}.xz`));
  }
  for (const file of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order'])
    if (existsSync(join(from, file))) cpSync(join(from, file), join(to, file));
  run('chroot', [root, '/sbin/depmod', version]);
}

function moduleFile(unpacked, path) {
  const [version = ''] = readdirSync(join(unpacked, 'lib/modules'));
  const plain = join(unpacked, 'lib/modules', version, 'kernel', path);
  if (!existsSync(plain)) run('xz', ['-dk', `${plain}.xz`]);
  return plain;
}

/** An initial ramdisk; several behind one another are one. */
export function pack(root, file) {
  mkdirSync(dirname(file), { recursive: true });
  const archive =
    'chmod +x init 2>/dev/null || :; busybox find . | busybox cpio --quiet -o -H newc -R 0:0 >"$1"';
  run('sh', ['-ec', archive, 'sh', file], { cwd: root });
}

function run(program, args, options = {}) {
  try {
    return execFileSync(program, args, { stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 28, ...options });
  } catch (error) {
    throw new Error(
      `${program} ${args.slice(0, 3).join(' ')}: ${error.stderr?.toString().trim() || error.message}`,
    );
  }
}
