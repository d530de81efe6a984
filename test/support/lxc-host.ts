import { giveControlGroups, removeControlGroups } from './cgroups.ts';
import type { Lab } from './lab.ts';
import { unpackedPackages } from './unpacked-packages.ts';

/** A container of LXC's: of busybox, which serves a page. */
export interface LxcContainer {
  readonly name: string;
  readonly mac: string;
  /** Undefined: it asks for a lease. */
  readonly addresses?: readonly string[];
  /** Its root is another user of the host. */
  readonly unprivileged?: boolean;
}

/**
 * Debian's lxc in a lab, with its bridge lxcbr0 (10.0.3.1/24, fd00:3::1/64): the packages are unpacked and not installed, and nothing of LXC
 * starts but containers.
 */
export class LxcHost {
  private readonly lab: Lab;

  constructor(lab: Lab) {
    this.lab = lab;
    lab.host.addPackages(unpackedPackages({ name: 'lxc', packages: ['lxc', 'uidmap', 'libcap2-bin'] }));
    giveControlGroups(lab.host, '/usr/bin/lxc-start');
    lab.host.sh(`ip link add lxcbr0 address 52:54:00:00:00:03 type bridge; ip addr add 10.0.3.1/24 dev lxcbr0
      ip addr add fd00:3::1/64 dev lxcbr0 nodad; ip link set lxcbr0 up
      for file in /etc/subuid /etc/subgid; do echo 'root:100000:65536' >>$file; done
      mkdir -p /var/lib/misc; : >/var/lib/misc/dnsmasq.lxcbr0.leases # as the dnsmasq of lxc-net makes it when it starts`);
  }

  /** To be called when the lab is gone. */
  static removeControlGroups = removeControlGroups;

  make({ name, mac, addresses = [], unprivileged = false }: LxcContainer): void {
    const root = `/var/lib/lxc/${name}/rootfs`;
    this.lab.host.sh(
      `mkdir -p ${root}/bin ${root}/proc ${root}/sys ${root}/dev; cp /usr/bin/busybox ${root}/bin
      printf 'hello from ${name}' >${root}/index.html`,
    );
    this.lab.host.write(
      `${root}/init`,
      '#!/bin/busybox sh\n[ "$1" != fail ] || exit 1\nexec /bin/busybox httpd -h / -p 80 -f\n',
    );
    this.lab.host.sh(`chmod +x ${root}/init${unprivileged ? `; chown -R 100000:100000 ${root}` : ''}`);
    this.lab.host.write(`/var/lib/lxc/${name}/config`, configuration(name, mac, addresses, unprivileged));
  }

  /** @returns what LXC said; its exit code is not 0 if the container does not start */
  start(name: string) {
    return this.lab.host.run(
      '/usr/local/sbin/lxc-start',
      ['-n', name, '-l', 'INFO', '-o', `/tmp/${name}.log`],
      {
        mayFail: true,
      },
    );
  }

  stop(name: string): void {
    this.lab.host.run('lxc-stop', ['-k', '-n', name], { mayFail: true });
    this.lab.host.run('lxc-wait', ['-n', name, '-s', 'STOPPED', '-t', '30'], { mayFail: true });
  }
}

/** It includes LXC's common configuration, as those of distributions do. */
function configuration(
  name: string,
  mac: string,
  addresses: readonly string[],
  unprivileged: boolean,
): string {
  const address = addresses.map((one) =>
    one.includes(':')
      ? `lxc.net.0.ipv6.address = ${one}\nlxc.net.0.ipv6.gateway = fd00:3::1`
      : `lxc.net.0.ipv4.address = ${one}\nlxc.net.0.ipv4.gateway = 10.0.3.1`,
  );
  return `lxc.include = /usr/share/lxc/config/common.conf
${unprivileged ? 'lxc.include = /usr/share/lxc/config/userns.conf\nlxc.idmap = u 0 100000 65536\nlxc.idmap = g 0 100000 65536\n' : ''}lxc.uts.name = ${name}
lxc.rootfs.path = dir:/var/lib/lxc/${name}/rootfs
lxc.init.cmd = /init
lxc.apparmor.profile = unconfined
lxc.seccomp.profile =
lxc.tty.max = 0
# The processes of a test are in a control group of its own.
lxc.cgroup.relative = 1
lxc.net.0.type = veth
lxc.net.0.link = lxcbr0
lxc.net.0.flags = up
lxc.net.0.hwaddr = ${mac}
${address.join('\n')}
`;
}
