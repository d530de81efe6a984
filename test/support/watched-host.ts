import type { ChildProcess } from 'node:child_process';
import { libvirtRules } from './foreign-rules.ts';
import { echoAt, Probe } from './gap-probe.ts';
import { Lab, publicAddress } from './lab.ts';
import { until } from './until.ts';

/** The port of the host that a guest is asked at over UDP, again and again. */
const port = 7777;

/** A host with libvirt's rules and one guest that is open, a client that opens connections to it, and a watcher. */
export class WatchedHost {
  readonly lab = new Lab();
  readonly guest = this.lab.nameGuest('web');
  private readonly every: number;
  private asking: Probe | undefined;
  private watcher: ChildProcess | undefined;

  /** Nothing is there before `begin`. @param every milliseconds between two connections */
  constructor(every: number) {
    this.every = every;
  }

  async begin(): Promise<void> {
    const { lab, guest } = this;
    await lab.start();
    lab.putGuest(guest);
    lab.configure(`[guest.web]\naddress = "${guest.address}"\nforward = ["8080:80", "${port}:7/udp"]\n`);
    lab.host.sh('mkdir -p /run/systemd/journal; touch /tmp/journal');
    lab.host.start('socat', ['-u', 'UNIX-RECV:/run/systemd/journal/socket', 'OPEN:/tmp/journal,append']);
    libvirtRules[0]?.load(lab);
    lab.hook(guest, 'started');
    echoAt(lab.host, 'guest1', 7);
    this.asking = new Probe(lab.host, publicAddress, port, this.every);
    await until('there is a journal', () => this.succeeds('test -S /run/systemd/journal/socket'));
  }

  /** @throws Error before `begin` */
  get probe(): Probe {
    if (this.asking === undefined) throw new Error('the host has not begun yet');
    return this.asking;
  }

  async startWatcher(): Promise<void> {
    this.watcher = this.lab.host.start('/usr/bin/guestgate', ['watch']);
    await until('somebody watches', () => this.succeeds('pgrep -x nft'));
  }

  /** @returns its exit code */
  async ended(): Promise<unknown> {
    return new Promise((resolve) => this.watcher?.once('exit', resolve));
  }

  async endWatcher(): Promise<unknown> {
    const ended = this.ended();
    this.lab.host.sh('kill -TERM $(cat /run/guestgate/watcher)');
    return ended;
  }

  /** All as it is to be, and, if wanted, a watcher that has mended nothing yet: many repairs within seconds look like a fight. */
  async startAnew(watched = true): Promise<void> {
    if (this.watcher !== undefined) await this.endWatcher();
    if (!this.succeeds('iptables -C FORWARD -j LIBVIRT_FWI')) libvirtRules[0]?.load(this.lab);
    this.lab.guestgate('replay');
    if (watched) await this.startWatcher();
    await this.probe.look('anew');
    await this.probe.untilOpen();
    await this.probe.look('anew');
  }

  /** What the watcher said. */
  journal(): readonly string[] {
    const lines = this.lab.host.read('/tmp/journal').match(/(?<=^MESSAGE=).*/gm) ?? [];
    return lines.filter((line) => line.startsWith('watch: '));
  }

  agrees(): boolean {
    return this.lab.guestgate('check').status === 0;
  }

  succeeds(script: string): boolean {
    return this.lab.host.run('sh', ['-ec', script], { mayFail: true }).status === 0;
  }

  async destroy(): Promise<void> {
    this.asking?.end();
    await this.lab.destroy();
  }
}
