import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { BootedHost } from './booted-host.ts';
import { guestHookCall } from './lab-calls.ts';
import { type LabGuest, labGuest } from './lab-guest.ts';
import { guestScript, labScript, publicAddress } from './lab-links.ts';
import type { Ran } from './ran.ts';
import { readRepository, repositoryPath } from './repository.ts';
import { until } from './until.ts';

/*
 * A host of guests that boots, with a libvirtd of its own, and a client. The guest is a network namespace at libvirt's bridge; the
 * hooks are called for it as libvirt calls them, by their links.
 *
 *     client 198.51.100.2 --- 198.51.100.1 (eth0) host (virbr0) 192.168.122.1 --- guest 192.168.122.41
 */
export class PackageHost {
  readonly host: BootedHost;
  readonly guest: LabGuest = labGuest('web', 1);

  private constructor(host: BootedHost) {
    this.host = host;
  }

  static async boot(root: string): Promise<PackageHost> {
    const host = new PackageHost(await BootedHost.boot(root));
    // apt itself asks before it removes packages; a package that asks finds nothing on its stdin.
    host.host.write('/etc/apt/apt.conf.d/90yes', 'APT::Get::Assume-Yes "true";\n');
    const { mac, address } = host.guest;
    const reservation = `<host mac='${mac}' ip='${address}'/>`;
    host.host.sh(
      `virsh net-start default; virsh net-update default add ip-dhcp-host "${reservation}" --live --config`,
    );
    // libvirt has its bridge already.
    host.host.sh(labScript(false).replaceAll(/^.*\bvirbr0\b.*$/gm, ''));
    host.host.sh(guestScript(host.guest, false));
    host.host.write('/root/answer.pl', readRepository('test/support/answer.pl'));
    host.host.sh('ip netns exec guest1 perl /root/answer.pl "hello from web" 4 >/dev/null 2>&1');
    return host;
  }

  /** A package or archive, brought into the folder in which a person would have it after a download. */
  download(file: string): void {
    this.host.sh('rm -rf /root/download; mkdir /root/download');
    this.host.copy(file, `/root/download/${basename(file)}`);
  }

  /**
   * Runs the commands that a how-to page has under a heading, as root, with nothing to answer a question, in the folder of the
   * downloads.
   */
  follow(page: string, heading: string): Ran {
    const commands = documented(page, heading);
    const script = `cd /root/download; sudo() { "$@"; }\n${commands.join('\n')}`;
    return this.host.run('sh', ['-ec', script], { env: { TERM: 'dumb' } });
  }

  /** What libvirt does when the guest starts. */
  startGuest(): void {
    for (const operation of ['prepare', 'start', 'started']) {
      const [program, args, options] = guestHookCall(this.guest, operation, {});
      this.host.run(program, args, { ...options, mayFail: false });
    }
  }

  page(port: number): string {
    const args = ['-sS', '--max-time', '5', `http://${publicAddress}:${port}/`];
    const ran = this.host.run('ip', ['netns', 'exec', 'client', 'curl', ...args], { mayFail: true });
    return ran.status === 0 ? ran.stdout : ran.stderr;
  }

  /** A client that opens one connection after the other while something is done. @returns how many were answered, and not */
  async whileConnecting(port: number, action: () => void): Promise<{ answered: number; failed: number }> {
    this.host.sh('rm -f /root/stop /root/answers; touch /root/answers');
    const loop = `while [ ! -e /root/stop ]; do
      curl -sS --max-time 3 http://${publicAddress}:${port}/ 2>&1 | tail -n 1 >>/root/answers; done; echo end >>/root/answers`;
    this.host.start('ip', ['netns', 'exec', 'client', 'sh', '-c', loop]);
    const answers = () => this.host.sh('cat /root/answers').trim().split('\n');
    await until('the client connects', () => answers().length > 3);
    action();
    const before = answers().length;
    await until('the client connected afterwards, too', () => answers().length > before + 3);
    this.host.sh('touch /root/stop');
    await until('the client ends', () => answers().at(-1) === 'end');
    const all = answers().slice(0, -1);
    const answered = all.filter((answer) => answer.startsWith('hello from web')).length;
    return { answered, failed: all.length - answered };
  }

  destroy(): Promise<void> {
    return this.host.destroy();
  }
}

/** The lines of the first code block under a heading, without their comments. */
export function documented(page: string, heading: string): string[] {
  const text = readFileSync(repositoryPath(`docs/howto/${page}.md`), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  const block = /(?:^ {4}.+\n)+/m.exec(section ?? '')?.[0];
  if (block === undefined) throw new Error(`${page}.md has no commands under "${heading}"`);
  return block
    .split('\n')
    .map((line) => line.trim().replace(/ {2,}#.*/, ''))
    .filter(Boolean);
}
