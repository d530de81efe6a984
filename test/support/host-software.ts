import type { Lab } from './lab.ts';
import { unpackedPackages } from './unpacked-packages.ts';
import { until } from './until.ts';

/** Real programs that make rules of their own, in a lab: unpacked, not installed. */
export class HostSoftware {
  private readonly lab: Lab;

  constructor(lab: Lab) {
    this.lab = lab;
    lab.host.addPackages(
      unpackedPackages({
        name: 'host-software',
        packages: ['firewalld', 'dbus', 'docker.io', 'ufw', 'python3-nftables'],
      }),
    );
    // What their packages do when they are installed.
    lab.host.sh(`
      mount -t tmpfs tmpfs /opt # containerd makes folders there
      policy=/usr/share/polkit-1/actions/org.fedoraproject.FirewallD1
      ln -sf $policy.server.policy.choice $policy.policy
      cp /usr/share/ufw/iptables/*.rules /usr/share/ufw/*.init /usr/share/ufw/ufw.conf /etc/ufw/
      chmod 640 /etc/ufw/*.rules
    `);
  }

  async startFirewalld(): Promise<void> {
    this.lab.host.sh('mkdir -p /run/dbus; [ -S /run/dbus/system_bus_socket ] || dbus-daemon --system --fork');
    this.lab.host.start('sh', ['-c', 'echo $$ >/run/firewalld.pid; exec firewalld --nofork --nopid']);
    await until('firewalld runs', () => this.succeeds('firewall-cmd --state'));
  }

  firewallCmd(...args: readonly string[]): void {
    this.lab.host.run('firewall-cmd', args);
  }

  async stopFirewalld(): Promise<void> {
    await this.stop('/run/firewalld.pid');
  }

  /** dockerd with its own containerd, on cgroups that it may do with what it likes. */
  async startDockerd(): Promise<void> {
    const options =
      '--data-root /tmp/docker --exec-root /run/docker --storage-driver vfs -H unix:///run/docker.sock';
    const cgroups = 'mount -t cgroup2 cgroup /sys/fs/cgroup || mount -t tmpfs none /sys/fs/cgroup';
    const script = `${cgroups}; echo $$ >/run/dockerd.pid; exec dockerd -p /run/docker/pid ${options}`;
    this.lab.host.sh('mkdir -p /run/docker');
    this.lab.host.start('unshare', ['-m', 'sh', '-c', `(${script}) >/tmp/dockerd.log 2>&1`]);
    await until('dockerd runs', () => this.succeeds('docker -H unix:///run/docker.sock info'));
  }

  async stopDockerd(): Promise<void> {
    await this.stop('/run/docker/pid');
  }

  ufw(command: 'enable' | 'reload' | 'disable'): void {
    this.lab.host.run('ufw', ['--force', command]);
  }

  private async stop(pidFile: string): Promise<void> {
    const pid = this.lab.host.read(pidFile).trim();
    this.lab.host.run('kill', ['-TERM', pid]);
    await until(`process ${pid} has ended`, () => !this.succeeds(`[ -e /proc/${pid}/exe ]`));
  }

  private succeeds(script: string): boolean {
    return this.lab.host.run('sh', ['-c', script], { mayFail: true }).status === 0;
  }
}
