import {
  type DaemonOperation,
  daemonHookCall,
  type GuestHookOptions,
  guestHookCall,
  networkHookCall,
} from './lab-calls.ts';
import { type LabGuest, labGuest, spaceOf, withNic } from './lab-guest.ts';
import { guestScript, labScript, nicScript } from './lab-links.ts';
import {
  backendScript,
  installScript,
  type LabBackend,
  reinstallScript,
  withBackend,
} from './lab-program.ts';
import {
  bothFamiliesXml,
  defaultNetworkXml,
  dmzNetworkXml,
  domainXml,
  networkHookXml,
  statusXml,
} from './lab-xml.ts';
import { countEchoes, inSpace, type Probe, pings, probe, serveCommand } from './probe.ts';
import type { Ran, RunOptions } from './ran.ts';
import { listRuleset } from './ruleset.ts';
import { Sandbox } from './sandbox.ts';

export type { LabGuest } from './lab-guest.ts';
export {
  client,
  client6,
  publicAddress,
  publicAddress6,
  secondAddress,
  secondAddress6,
  thirdAddress,
  thirdAddress6,
} from './lab-links.ts';

export interface LabOptions {
  /** `false`: the program lies in /tmp, and no hook is there yet. */
  readonly install?: boolean;
  /** Every host has addresses of both families. */
  readonly ipv6?: boolean;
  /** See `useBackend`; LAB_BACKEND in the environment where none is given. */
  readonly backend?: LabBackend;
}

/** Where libvirt keeps its networks. */
const networks = '/run/libvirt/network';

/** Client, host and guests in namespaces of their own, with the built program on the host. */
export class Lab {
  private readonly options: LabOptions;
  private sandbox: Sandbox | undefined;
  /** What every configuration asks for; undefined: what it says itself. */
  private backend: LabBackend | undefined;
  private guests = 0;

  /** Nothing is there before `start`. */
  constructor(options: LabOptions = {}) {
    this.options = options;
  }

  static async create(options: LabOptions = {}): Promise<Lab> {
    const lab = new Lab(options);
    await lab.start();
    return lab;
  }

  async start(): Promise<void> {
    const install = this.options.install !== false;
    this.sandbox = await Sandbox.create(install ? { programs: 'dist' } : {});
    const script = [
      labScript(this.ipv6),
      install ? installScript : '',
      'mkdir -p "$1"; cat >"$1/default.xml"',
    ];
    this.host.run('sh', ['-ec', script.join('\n'), 'sh', networks], { input: this.network });
    const backend = this.options.backend ?? process.env['LAB_BACKEND'];
    if (backend !== undefined) this.useBackend(backend as LabBackend);
  }

  async destroy(): Promise<void> {
    await this.sandbox?.destroy();
  }

  /** @throws Error before `start` */
  get host(): Sandbox {
    if (this.sandbox === undefined) throw new Error('the lab has not started yet');
    return this.sandbox;
  }

  private get ipv6(): boolean {
    return this.options.ipv6 === true;
  }

  private get network(): string {
    return this.ipv6 ? bothFamiliesXml : defaultNetworkXml;
  }

  /** From now on each configuration asks for this back end, and the host's `iptables` is of its variant. */
  useBackend(backend: LabBackend): void {
    this.backend = backend;
    this.host.sh(backendScript(backend));
  }

  /** The next guest; before `start`, `putGuest` is still to be called. */
  nameGuest(name: string): LabGuest {
    return labGuest(name, ++this.guests);
  }

  putGuest(guest: LabGuest, { serve = true }: { readonly serve?: boolean } = {}): void {
    this.host.sh(guestScript(guest, this.ipv6));
    if (serve) this.serve(spaceOf(guest), `hello from ${spaceOf(guest)}`);
  }

  addGuest(name: string, options: { readonly serve?: boolean } = {}): LabGuest {
    const guest = this.nameGuest(name);
    this.putGuest(guest, options);
    return guest;
  }

  addNic(guest: LabGuest): LabGuest {
    const extended = withNic(guest);
    const nic = extended.nics?.at(-1);
    if (nic === undefined) return extended;
    this.host.write(`${networks}/dmz.xml`, dmzNetworkXml(nic));
    this.host.sh(nicScript(guest, nic));
    return extended;
  }

  /** Answers TCP 80, 443 and 22 with a page that names the server and the address it sees, UDP 53 likewise. */
  serve(space: string | 'host', greeting: string): void {
    this.host.sh(serveCommand(greeting, this.ipv6 ? ['4', '6'] : ['4']), inSpace(space));
  }

  /** Fetches over TCP; the answer, or what went wrong. `from` is a namespace, or the host. */
  fetch(
    from: string | 'host',
    address: string,
    port: number,
    options: { readonly source?: string } = {},
  ): string {
    return this.probe(from, [{ address, port, ...options }])[0] ?? '';
  }

  /** Asks over UDP; the answer, or nothing. */
  ask(from: string | 'host', address: string, port: number, options: Partial<Probe> = {}): string {
    return this.probe(from, [{ address, port, ...options, over: 'udp' }])[0] ?? '';
  }

  /** Fetches and asks, all at once: what is dropped takes the longest, and costs its time once. */
  probe(from: string | 'host', probes: readonly Probe[]): string[] {
    return probe(this.host, from, probes);
  }

  /** From which of its addresses the client gets an answer over TCP, by a guest that sees them as they are. */
  admitted(sources: readonly string[], address: string, port: number, guest = 'guest1'): string[] {
    const probes = sources.map((source) => ({ address, port, source }));
    const answers = this.probe('client', probes);
    return sources.filter((source, at) => answers[at] === `hello from ${guest}, you are ${source}`);
  }

  pings(from: string | 'host', address: string): boolean {
    return pings(this.host, from, address);
  }

  countEchoes(space: string): () => string[] {
    return countEchoes(this.host, space);
  }

  xml(guest: LabGuest, operation: string, metadata = ''): string {
    return domainXml(guest, operation, metadata);
  }

  status(guest: LabGuest, metadata = ''): string {
    return statusXml(guest, metadata);
  }

  /** What libvirt hands to the network hook for the lab's network, in all its families. */
  networkXml(): string {
    return networkHookXml(undefined, this.network);
  }

  /** Calls the hook as libvirt does. The three `Aside` do it while other things go on: for one that waits. */
  hook(guest: LabGuest, operation: string, options: GuestHookOptions = {}): Ran {
    return this.host.run(...guestHookCall(guest, operation, options));
  }

  hookAside(guest: LabGuest, operation: string, options: GuestHookOptions = {}): Promise<Ran> {
    return this.host.runAside(...guestHookCall(guest, operation, options));
  }

  /** Calls the hook for a network (`started`, `updated`, `stopped`), or for a port of one. */
  networkHook(operation: string, xml?: string, options: RunOptions = {}): Ran {
    return this.host.run(...networkHookCall(operation, xml, options));
  }

  networkHookAside(operation: string, xml?: string, options: RunOptions = {}): Promise<Ran> {
    return this.host.runAside(...networkHookCall(operation, xml, options));
  }

  /** Calls the hook for libvirtd itself. */
  daemonHook(operation: DaemonOperation, options: RunOptions = {}): Ran {
    return this.host.run(...daemonHookCall(operation, options));
  }

  daemonHookAside(operation: DaemonOperation, options: RunOptions = {}): Promise<Ran> {
    return this.host.runAside(...daemonHookCall(operation, options));
  }

  /** Ends a guest as libvirt does: both hooks, and no status file any more. */
  end(guest: LabGuest): void {
    for (const operation of ['stopped', 'release']) {
      const ran = this.hook(guest, operation);
      if (ran.status !== 0 || ran.stdout !== '') throw new Error(`${operation}: ${JSON.stringify(ran)}`);
    }
  }

  /** Calls the CLI. */
  guestgate(...args: readonly string[]): Ran {
    return this.host.run('/usr/bin/guestgate', args, { mayFail: true });
  }

  configure(toml: string): void {
    this.host.write('/etc/guestgate/guestgate.toml', withBackend(toml, this.backend));
  }

  reinstall(): void {
    this.host.sh(reinstallScript);
  }

  /** The whole ruleset, of every kind, as text without counters. */
  ruleset(): string {
    return listRuleset(this.host);
  }
}
