import { fileURLToPath } from 'node:url';
import { publicAddress } from './lab-links.ts';
import { type Flavour, installed } from './libvirt-flavour.ts';
import type { GuestImage } from './libvirt-guest-image.ts';
import { setupScript } from './libvirt-setup.ts';
import { bootFolder, consoleOf, domainXml, networkXml, type TestGuest } from './libvirt-xml.ts';
import { listRuleset } from './ruleset.ts';
import { type Ran, Sandbox } from './sandbox.ts';
import { until } from './until.ts';

const built = fileURLToPath(new URL('../../dist/guestgate', import.meta.url));

/** A line that guestgate wrote to the journal. */
export interface JournalLine {
  readonly severity: number;
  readonly message: string;
}

/** Of what `guestgate status --json` tells of a guest, what the tests look at. */
export interface OpenGuest {
  readonly guest: { readonly name: string; readonly nics: readonly { readonly mac?: string }[] };
  readonly address?: string;
  readonly addressSource?: string;
  readonly problems: readonly string[];
}

/** One of libvirt's drivers of guests. */
export interface Driver {
  readonly uri: string;
  readonly domainXml: (guest: TestGuest) => string;
  /** What is done to the host before its libvirtd starts. */
  readonly prepare: (sandbox: Sandbox) => void;
}

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
export class LibvirtHost {
  readonly sandbox: Sandbox;
  private readonly flavour: Flavour;
  private readonly driver: Driver;
  private readonly options: readonly string[];

  private constructor(sandbox: Sandbox, flavour: Flavour, driver: Driver, options: readonly string[]) {
    this.sandbox = sandbox;
    this.flavour = flavour;
    this.driver = driver;
    this.options = options;
  }

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

  destroy(): Promise<void> {
    return this.sandbox.destroy();
  }

  virsh(...args: readonly string[]): Ran {
    return this.sandbox.run('virsh', ['-c', this.driver.uri, ...args]);
  }

  /** As `virsh`, for what is meant to fail. */
  tryVirsh(...args: readonly string[]): Ran {
    return this.sandbox.run('virsh', ['-c', this.driver.uri, ...args], { mayFail: true });
  }

  /** `virsh define` or `virsh net-define`. */
  define(command: string, xml: string): void {
    this.sandbox.write('/tmp/define.xml', xml);
    this.virsh(command, '/tmp/define.xml');
  }

  /** libvirtd as a daemon, ready to answer, and done with the hooks of the guests that run already. */
  async startLibvirtd(): Promise<void> {
    const before = this.reconnects();
    const lived = this.livingGuests();
    this.sandbox.sh(`libvirtd -d -p /run/libvirtd.pid ${this.options.join(' ')} </dev/null >/dev/null 2>&1`);
    await until('libvirtd answers', () => this.tryVirsh('list').status === 0);
    await until('libvirtd has found its guests', () => {
      const running = this.virsh('list', '--name').stdout.split('\n');
      // libvirtd calls no reconnect for a guest that it starts itself.
      const found = lived.filter((name) => running.includes(name));
      const open = this.openGuests().filter(({ guest }) => found.includes(guest.name));
      return this.reconnects() >= before + open.length;
    });
  }

  /** @param signal TERM as systemd would, or KILL */
  async stopLibvirtd(signal: 'TERM' | 'KILL'): Promise<void> {
    const pid = this.sandbox.read('/run/libvirtd.pid').trim();
    this.sandbox.run('kill', [`-${signal}`, pid]);
    await until('libvirtd has ended', () => !this.exists(`/proc/${pid}`));
    this.sandbox.run('rm', ['-f', '/run/libvirtd.pid']);
  }

  /** `systemctl reload libvirtd`, which makes the rules of its networks anew; all is done when they are complete again. */
  async reloadLibvirtd(): Promise<void> {
    const sorted = () => this.ruleset().split('\n').sort().join('\n');
    const before = sorted();
    const handles = this.libvirtHandles();
    // A rule that is taken away before comes back.
    if (this.flavour.rules === 'iptables')
      this.sandbox.sh('iptables -D LIBVIRT_INP -i virbr122 -p udp --dport 67 -j ACCEPT');
    this.sandbox.sh('kill -HUP "$(cat /run/libvirtd.pid)"');
    await until('libvirtd has made its rules anew', () => {
      const anew = this.flavour.rules === 'iptables' || this.libvirtHandles() !== handles;
      return anew && sorted() === before;
    });
  }

  /** Each of its rules has another number when it is made anew. */
  private libvirtHandles(): string {
    const list = ['-a', 'list', 'chain', 'ip', 'libvirt_network', 'guest_input'];
    return (
      this.sandbox
        .run('nft', list, { mayFail: true })
        .stdout.match(/handle \d+/g)
        ?.join() ?? ''
    );
  }

  /** The built program, as an administrator calls it that has it in a folder of his own or installed. */
  guestgate(...args: readonly string[]): Ran {
    const program = this.exists('/usr/bin/guestgate') ? '/usr/bin/guestgate' : built;
    return this.sandbox.run(program, args, { mayFail: true });
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

  /** What `guestgate status --json` tells of the guests. */
  openGuests(): OpenGuest[] {
    return JSON.parse(this.guestgate('status', '--json').stdout).guests;
  }

  /** All that guestgate logged since the host was made. */
  journal(): JournalLine[] {
    const text = this.sandbox.read('/tmp/journal');
    const entries = [...text.matchAll(/^PRIORITY=(\d)\nSYSLOG_IDENTIFIER=guestgate\nMESSAGE=(.*)\n/gm)];
    return entries.map(([, severity, message = '']) => ({ severity: Number(severity), message }));
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

  /** The whole ruleset of every kind, without counters. */
  ruleset(): string {
    return listRuleset(this.sandbox);
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

  exists(path: string): boolean {
    return this.sandbox.run('test', ['-e', path], { mayFail: true }).status === 0;
  }

  /** Takes what programs tell the journal, as systemd-journald would. */
  private startJournal(): void {
    const socket = '/run/systemd/journal/socket';
    this.sandbox.sh('touch /tmp/journal');
    this.sandbox.start('socat', ['-u', `UNIX-RECV:${socket}`, 'OPEN:/tmp/journal,append']);
    this.sandbox.sh(`for i in $(seq 2000); do [ -S ${socket} ] && exit 0; sleep 0.05; done; exit 1`);
  }

  /** The names of the guests whose processes live, whether libvirtd runs or not. */
  private livingGuests(): string[] {
    const script = `for file in /run/libvirt/qemu/*.pid /run/libvirt/lxc/*.pid; do
      [ ! -e "$file" ] || ! kill -0 "$(cat "$file")" 2>/dev/null || basename "$file" .pid
    done`;
    return this.sandbox.sh(script).trim().split('\n');
  }

  private reconnects(): number {
    return this.journal().filter(({ message }) => message.includes(' reconnect: ')).length;
  }
}
