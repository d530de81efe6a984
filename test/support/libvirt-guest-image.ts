import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const cache = join(repository, '.cache/libvirt-guest');

/** Where kernel and initial ramdisk lie on this machine. */
export interface GuestImage {
  readonly kernel: string;
  readonly ramdisk: string;
}

/** The system that test guests run: Debian's kernel, busybox and test/libvirt/guest/init. */
export function buildGuestImage(): GuestImage {
  execFileSync('node', [join(repository, 'test/libvirt/fetch-kernel.mjs')], { stdio: 'inherit' });
  const image = { kernel: join(cache, 'vmlinuz'), ramdisk: join(cache, 'ramdisk') };
  const root = mkdtempSync(join(tmpdir(), 'guestgate-guest-'));
  try {
    for (const folder of ['bin', 'lib', 'proc', 'sys', 'dev']) mkdirSync(join(root, folder));
    copyFileSync('/usr/bin/busybox', join(root, 'bin/busybox'));
    copyFileSync(join(repository, 'test/libvirt/guest/init'), join(root, 'init'));
    for (const file of readdirSync(cache).filter((name) => /\.ko$/.test(name))) {
      copyFileSync(join(cache, file), join(root, 'lib', file));
    }
    const archive = 'chmod +x init; busybox find . | busybox cpio -o -H newc >"$1"';
    // Other tests may be reading the last one.
    const own = `${image.ramdisk}.${process.pid}`;
    execFileSync('sh', ['-ec', archive, 'sh', own], { cwd: root, stdio: 'pipe' });
    renameSync(own, image.ramdisk);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return image;
}
