import { fileURLToPath } from 'node:url';
import type { Flavour } from './libvirt-flavour.ts';
import type { TestGuest } from './libvirt-xml.ts';
import type { Ran } from './ran.ts';
import { listRuleset } from './ruleset.ts';
import type { Sandbox } from './sandbox.ts';
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

/** A libvirtd in a sandbox: starting and ending it, virsh, and what guestgate says there. */
export class LibvirtDaemon {
  readonly sandbox: Sandbox;
  protected readonly flavour: Flavour;
  private readonly driver: Driver;
  private readonly options: readonly string[];

  protected constructor(sandbox: Sandbox, flavour: Flavour, driver: Driver, options: readonly string[]) {
    this.sandbox = sandbox;
    this.flavour = flavour;
    this.driver = driver;
    this.options = options;
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

  exists(path: string): boolean {
    return this.sandbox.run('test', ['-e', path], { mayFail: true }).status === 0;
  }

  /** The whole ruleset of every kind, without counters. */
  ruleset(): string {
    return listRuleset(this.sandbox);
  }

  /** Takes what programs tell the journal, as systemd-journald would. */
  protected startJournal(): void {
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
