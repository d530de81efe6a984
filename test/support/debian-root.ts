import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryPath } from './repository.ts';

/** What a host of guests has, besides what debootstrap takes by itself. */
const packages = [
  ...['systemd-sysv', 'dbus', 'nftables', 'iproute2', 'procps', 'curl', 'perl-base', 'python3-apt'],
  ...['libvirt-daemon-system', 'libvirt-clients', 'libvirt-daemon-driver-qemu', 'dnsmasq-base'],
];

/**
 * The folder of a Debian release with its own libvirt, made by debootstrap(8) from the packages that this machine's apt is set up
 * for. Once: it is about 500 MB, in `.cache/package`. Its programs run in namespaces of their own.
 */
export function debianRoot(suite: 'bookworm' | 'trixie'): string {
  const root = repositoryPath(join('.cache/package', suite));
  if (existsSync(root)) return root;
  const half = `${root}.of-${process.pid}`;
  mkdirSync(half, { recursive: true });
  try {
    console.error(`setting up: Debian ${suite} with libvirt, by debootstrap`);
    const script = `
      debootstrap --variant=minbase "$1" "$0" http://deb.debian.org/debian
      printf '#!/bin/sh\\nexit 101\\n' >"$0/usr/sbin/policy-rc.d"; chmod +x "$0/usr/sbin/policy-rc.d"
      mount -t proc proc "$0/proc"
      chroot "$0" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ${packages.join(' ')}
      rm "$0/usr/sbin/policy-rc.d"`;
    const namespaces = ['-m', '-p', '-u', '-i', '--fork', '--kill-child', '--mount-proc'];
    execFileSync('unshare', [...namespaces, 'sh', '-ec', script, half, suite], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    renameSync(half, root);
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
  return root;
}
