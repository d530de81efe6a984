import { execFileSync } from 'node:child_process';
import { Lab } from './lab.ts';
import type { Ran } from './ran.ts';
import { repositoryPath } from './repository.ts';
import { until } from './until.ts';

/*
 *   client 198.51.100.2 --- (eth0) host 198.51.100.1 (xenbr0) 10.99.0.1, fd00:99::1 --- vif1.0 guest 10.99.0.2 ...
 *                                                       |
 *                                                    uplink --- neighbour 10.99.0.200: the network beyond the bridge
 *
 * Xen's own vif scripts and xenstore programs, as the packages have them, called as libxl calls them. What is missing is
 * Xen: interfaces are veth pairs, and guests are namespaces.
 */

export interface OpenXenGuest {
  readonly guest: { readonly driver: string; readonly name: string };
  readonly address?: string;
  readonly elements: readonly { readonly element: { readonly kind: string; readonly port?: string } }[];
}

const files = `${repositoryPath('')}.cache/xen/scripts`;

export interface XenLabOptions {
  /** `false`: guestgate is not installed yet. */
  readonly install?: boolean;
}

/** The host: its bridge, Xen's scripts and programs, and xenstore. */
export class XenHost {
  readonly lab = new Lab({ install: false, ipv6: true });

  /** Makes the host; nothing is there before. */
  async begin({ install = true }: XenLabOptions = {}): Promise<void> {
    execFileSync('node', [repositoryPath('test/xen/fetch-scripts.mjs')], { stdio: 'inherit' });
    await this.lab.start();
    this.putXen();
    await this.startStore();
    this.host.sh(`
      ip link add xenbr0 address 52:54:00:00:00:03 type bridge; ip addr add 10.99.0.1/24 dev xenbr0
      ip addr add fd00:99::1/64 dev xenbr0 nodad; ip link set xenbr0 up
      ip netns add beyond; ip link add uplink type veth peer name eth0 netns beyond
      ip link set uplink master xenbr0 up; ip -n beyond link set lo up; ip -n beyond link set eth0 up
      ip -n beyond addr add 10.99.0.200/24 dev eth0; ip -n beyond addr add fd00:99::200/64 dev eth0 nodad
    `);
    if (install) this.install();
  }

  /** `guestgate install`, as its users do it. */
  install(options: readonly string[] = []): Ran {
    return this.host.run(repositoryPath('dist/guestgate'), ['install', ...options]);
  }

  get host() {
    return this.lab.host;
  }

  /** What Xen's packages put on a host, and the folders that its daemons make. */
  private putXen(): void {
    const tools = ['ls', 'read', 'write', 'rm'].map((tool) => `xenstore-${tool}`);
    this.host.sh(
      `mkdir -p /etc/xen /var/log/xen; cp -a "$1/etc/xen/scripts" /etc/xen/
       for t in ${tools.join(' ')}; do
         printf '#!/bin/sh\\nLD_LIBRARY_PATH=%s exec %s "$@"\\n' "$1/usr/lib/x86_64-linux-gnu" "$1/usr/bin/$t" >/usr/bin/$t
         chmod +x /usr/bin/$t
       done`.replaceAll('$1', files),
    );
  }

  private async startStore(): Promise<void> {
    this.host.start(process.execPath, [repositoryPath('test/support/xenstore-server.mjs')]);
    await until(
      'xenstore answers',
      () => this.host.run('xenstore-read', ['domid'], { mayFail: true }).status === 0,
    );
  }

  write(nodes: Readonly<Record<string, string>>): void {
    this.host.run('xenstore-write', Object.entries(nodes).flat());
  }

  /** What `guestgate status --json` tells of the guests. */
  openGuests(): OpenXenGuest[] {
    return JSON.parse(this.lab.guestgate('status', '--json').stdout).guests;
  }

  /** What scripts and guestgate wrote to stderr, which Xen keeps. */
  log(): string {
    return this.host.sh('cat /var/log/xen/xen-hotplug.log 2>/dev/null || true');
  }

  async destroy(): Promise<void> {
    await this.lab.destroy();
  }
}
