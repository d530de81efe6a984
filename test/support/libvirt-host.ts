import { publicAddress } from './lab-links.ts';
import { type Driver, LibvirtDaemon } from './libvirt-daemon.ts';
import { type Flavour, installed } from './libvirt-flavour.ts';
import type { GuestImage } from './libvirt-guest-image.ts';
import { setupScript } from './libvirt-setup.ts';
import { bootFolder, consoleOf, domainXml, networkXml, type TestGuest } from './libvirt-xml.ts';
import { Sandbox } from './sandbox.ts';

export const qemu: Driver = { uri: 'qemu:///system', domainXml, prepare: () => {} };

export interface HostOptions {
  readonly flavour?: Flavour;
  /** Of the guests, and of every call of virsh; qemu's unless said otherwise. */
  readonly driver?: Driver;
  /** For a libvirtd that is to be reached by another. */
  readonly libvirtd?: {
    readonly options: readonly string[];
    /** What is added to libvirtd.conf. */
    readonly configuration: string;
    readonly hostname: string;
  };
  readonly image?: GuestImage;
  readonly guests: readonly TestGuest[];
}

/**
 * A host of its own with the distribution's libvirtd and a client beyond it. Network `default` runs, `other` is
 * only defined.
 *
 *   client 198.51.100.2 --- (eth0) host 198.51.100.1 (virbr122) 192.168.122.1 --- guests 192.168.122.x
 */
export class LibvirtHost extends LibvirtDaemon {
  static async create({
    flavour = installed,
    driver = qemu,
    image,
    guests,
    libvirtd,
  }: HostOptions): Promise<LibvirtHost> {
    const root = flavour.root?.();
    const sandbox = await Sandbox.create(root === undefined ? {} : { root });
    const host = new LibvirtHost(sandbox, flavour, driver, libvirtd?.options ?? []);
    if (libvirtd !== undefined) {
      sandbox.sh(
        `echo ${libvirtd.hostname} >/proc/sys/kernel/hostname; echo ${libvirtd.hostname} >/etc/hostname`,
      );
      sandbox.run('sh', ['-c', 'cat >>/etc/libvirt/libvirtd.conf'], { input: libvirtd.configuration });
    }
    sandbox.sh(setupScript(flavour));
    if (image !== undefined) {
      host.sandbox.run('cp', [image.kernel, `${bootFolder}/vmlinuz`]);
      host.sandbox.run('cp', [image.ramdisk, `${bootFolder}/ramdisk`]);
    }
    host.startJournal();
    driver.prepare(sandbox);
    await host.startLibvirtd();
    host.define('net-define', networkXml('default', 122, guests));
    host.define('net-define', networkXml('other', 123, []));
    host.virsh('net-start', 'default');
    for (const guest of guests) host.define('define', driver.domainXml(guest));
    return host;
  }

  configure(toml: string): void {
    this.sandbox.write('/etc/guestgate/guestgate.toml', toml);
  }

  /** What the client gets of a guest's page; or what went wrong. */
  fetch(port: number, address = publicAddress, page = 'who'): string {
    const request = `printf 'GET /cgi-bin/${page} HTTP/1.0\\r\\n\\r\\n'`;
    const script = `${request} | timeout 5 socat -t3 - TCP4:${address}:${port},connect-timeout=2 2>&1 | tail -1`;
    return this.sandbox.sh(`${script} || true`, { in: 'client' }).trim();
  }

  /** Kills a guest's qemu, as the kernel does when memory runs out. */
  killGuest(name: string): void {
    this.sandbox.sh(`kill -KILL "$(cat /run/libvirt/qemu/${name}.pid)"`);
  }

  /** The rules of the chain that libvirt's REJECT is asked in, as its own program tells them. */
  forwardRules(): string[] {
    if (this.flavour.rules === 'iptables') {
      const lines = this.sandbox.sh('iptables -S FORWARD').trim().split('\n');
      return lines.filter((line) => line.startsWith('-A '));
    }
    const listing = this.sandbox.sh('nft -s list chain ip libvirt_network forward');
    const rules = listing.split('\n').map((line) => line.trim());
    return rules.filter((line) => /\b(accept|jump)\b/.test(line) && !line.startsWith('type'));
  }

  /** What is to stand there: our accept, and then libvirt's own. */
  wantedForwardRules(): string[] {
    return this.flavour.rules === 'iptables'
      ? ['GUESTGATE-FORWARD', 'LIBVIRT_FWX', 'LIBVIRT_FWI', 'LIBVIRT_FWO'].map(
          (chain) => `-A FORWARD -j ${chain}`,
        )
      : [
          'ct mark & 0x10000000 == 0x10000000 counter accept comment "guestgate"',
          'counter jump guest_cross',
          'counter jump guest_input',
          'counter jump guest_output',
        ];
  }

  /** Every file that an installation might touch, by its path: kind, mode, owner, target, size and time. */
  files(): Map<string, string> {
    const places = '/etc /usr/bin /usr/sbin /usr/local /var/lib/guestgate /run/guestgate';
    const script = `find ${places} -type d -printf '%p\\t%y %m %u %g\\n' -o -printf '%p\\t%y %m %u %g %l %s %T@\\n' || true`;
    const lines = this.sandbox.sh(script).trim().split('\n');
    return new Map(lines.map((line) => line.split('\t') as [string, string]));
  }

  /** What is not as it was. Only what was written in here counts: packages of the machine below may change. */
  changedSince(before: ReadonlyMap<string, string>): string[] {
    const now = this.files();
    const paths = new Set([...before.keys(), ...now.keys()]);
    const changed = [...paths].filter((path) => before.get(path) !== now.get(path));
    // Nobody else writes to a system of its own.
    if (this.flavour.root !== undefined) return changed;
    const written = this.sandbox.sh("find /tmp/.sandbox -path '*/up/*' -printf '/%P\\n'").split('\n');
    const ours = new Set(written.map((path) => path.replace('/up/', '/')));
    return changed.filter((path) => ours.has(path) || path.startsWith('/run/'));
  }

  console(name: string): string {
    return this.sandbox.run('cat', [consoleOf(name)], { mayFail: true }).stdout;
  }
}
