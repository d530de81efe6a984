import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { guestScript, labScript } from './lab-links.ts';
import { type Probe, probesCommand, serveCommand } from './probe.ts';
import { type Ran, type RunOptions, Sandbox } from './sandbox.ts';

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

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** A network as libvirt keeps it. */
export const defaultNetworkXml = `<networkstatus><network>
  <name>default</name><uuid>6f70a93a-d33f-4f38-bce0-9dc095ca3e5a</uuid>
  <forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>
  <bridge name='virbr0' stp='on' delay='0'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip>
</network></networkstatus>
`;

/** The same with IPv6, where addresses are reserved by the clients' identifiers. */
export const bothFamiliesXml = defaultNetworkXml.replace(
  '</network>',
  "  <ip family='ipv6' address='fd00:122::1' prefix='64'><dhcp><host id='0:3:0:1:52:54:0:aa:bb:1' ip='fd00:122::41'/></dhcp></ip>\n</network>",
);

export interface LabGuest {
  readonly name: string;
  readonly address: string;
  /** The guest has it in a lab with IPv6. */
  readonly address6: string;
  readonly mac: string;
  readonly tap: string;
  readonly uuid: string;
  /** Interfaces on network "dmz", see `addNic`. */
  readonly nics?: readonly { readonly mac: string; readonly tap: string; readonly address: string }[];
}

/** What the rules of a lab are made with. */
export const backends = ['nftables', 'iptables-nft', 'iptables-legacy'] as const;
export type LabBackend = (typeof backends)[number];
/** A program, what it is given, and how it is run. */
type Call = [program: string, args: readonly string[], options: RunOptions];
type GuestHookOptions = RunOptions & { readonly metadata?: string };
type DaemonOperation = 'start' | 'reload' | 'shutdown';

/** Where libvirt keeps its networks. */
const networks = '/run/libvirt/network';

/** A link for each hook. The program itself is big, and not copied. */
const installation = `
rm -f /usr/bin/guestgate.mjs
mkdir -p /etc/libvirt/hooks; for h in qemu lxc libxl network daemon; do ln -s /usr/bin/guestgate /etc/libvirt/hooks/$h; done`;

/** Client, host and guests in namespaces of their own, with the built program on the host. */
export class Lab {
  readonly host: Sandbox;
  /** What every configuration asks for; undefined: what it says itself. */
  private backend: LabBackend | undefined;
  private readonly ipv6: boolean;
  private guests = 0;

  private constructor(host: Sandbox, ipv6: boolean) {
    this.host = host;
    this.ipv6 = ipv6;
  }

  /**
   * From now on each configuration asks for this back end, and the host's `iptables` is of its variant. The older
   * tables are there from the beginning, as they are on a host that has them.
   */
  useBackend(backend: LabBackend): void {
    this.backend = backend;
    if (backend === 'nftables') return;
    const variant = backend.slice('iptables-'.length);
    const links = `for p in iptables ip6tables; do for s in "" -restore -save; do ln -sf /usr/sbin/$p-${variant}$s /usr/sbin/$p$s; done; done`;
    const tables =
      'for t in filter mangle nat; do iptables-legacy -t $t -L -n; ip6tables-legacy -t $t -L -n; done';
    this.host.sh(`${links}; ${variant === 'legacy' ? `(${tables}) >/dev/null` : 'true'}`);
  }

  /**
   * @param options.install `false`: the program lies in /tmp, and no hook is there yet
   * @param options.ipv6 everybody has addresses of both families
   * @param options.backend see `useBackend`; LAB_BACKEND in the environment where none is given
   */
  static async create(
    options: { readonly install?: boolean; readonly ipv6?: boolean; readonly backend?: LabBackend } = {},
  ): Promise<Lab> {
    const install = options.install !== false;
    const sandbox = await Sandbox.create(install ? { programs: 'dist' } : {});
    const lab = new Lab(sandbox, options.ipv6 === true);
    const script = [labScript(lab.ipv6), install ? installation : '', 'mkdir -p "$1"; cat >"$1/default.xml"'];
    lab.host.run('sh', ['-ec', script.join('\n'), 'sh', networks], {
      input: lab.ipv6 ? bothFamiliesXml : defaultNetworkXml,
    });
    const backend = options.backend ?? process.env['LAB_BACKEND'];
    if (backend !== undefined) lab.useBackend(backend as LabBackend);
    return lab;
  }

  /** A guest: a namespace behind a port of virbr0, as a tap's guest would be. */
  addGuest(name: string, options: { readonly serve?: boolean } = {}): LabGuest {
    const number = ++this.guests;
    const space = `guest${number}`;
    const guest = {
      name,
      address: `192.168.122.${40 + number}`,
      address6: `fd00:122::${40 + number}`,
      mac: `52:54:00:aa:bb:${String(number).padStart(2, '0')}`,
      tap: `vnet${number}`,
      uuid: `11111111-2222-3333-4444-${String(number).padStart(12, '0')}`,
    };
    this.host.sh(guestScript(guest, space, this.ipv6));
    if (options.serve !== false) this.serve(space, `hello from ${space}`);
    return guest;
  }

  /**
   * A second interface, on network "dmz" (virbr1, 192.168.150.0/24), where its address is reserved. What comes by it is
   * answered by it.
   */
  addNic(guest: LabGuest): LabGuest {
    const [mac, tap] = [guest.mac.replace('aa:bb', 'cc:dd'), `${guest.tap}d`];
    const [space, address] = [
      guest.tap.replace('vnet', 'guest'),
      guest.address.replace('192.168.122.', '192.168.150.'),
    ];
    this.host.write('/run/libvirt/network/dmz.xml', dmzNetworkXml(mac, address));
    this.host.sh(`
      [ -e /proc/sys/net/ipv4/conf/virbr1 ] || ip link add virbr1 address 52:54:00:00:00:02 type bridge
      ip addr replace 192.168.150.1/24 dev virbr1; ip link set virbr1 up
      ip link add ${tap} type veth peer name eth1 netns ${space}
      ip link set ${tap} master virbr1 up
      ip -n ${space} link set eth1 address ${mac}; ip -n ${space} link set eth1 up
      ip -n ${space} addr add ${address}/24 dev eth1
      ip -n ${space} rule add from ${address} lookup 100
      ip -n ${space} route add default via 192.168.150.1 table 100
    `);
    return { ...guest, nics: [...(guest.nics ?? []), { mac, tap, address }] };
  }

  /** Answers TCP 80, 443 and 22 with a page that names the server and the address it sees, UDP 53 likewise. */
  serve(space: string | 'host', greeting: string): void {
    const where = space === 'host' ? {} : { in: space };
    this.host.sh(serveCommand(greeting, this.ipv6 ? ['4', '6'] : ['4']), where);
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
    const where = from === 'host' ? {} : { in: from };
    const answers = this.host.sh(probesCommand(probes), where).split('\0');
    return probes.map((_, at) => answers[at] ?? '');
  }

  /** From which of its addresses the client gets an answer over TCP, by a guest that sees them as they are. */
  admitted(sources: readonly string[], address: string, port: number, guest = 'guest1'): string[] {
    const probes = sources.map((source) => ({ address, port, source }));
    const answers = this.probe('client', probes);
    return sources.filter((source, at) => answers[at] === `hello from ${guest}, you are ${source}`);
  }

  /** Sends an ICMP echo; whether it was answered. */
  pings(from: string | 'host', address: string): boolean {
    return this.in(from, `busybox ping -c1 -W1 ${address} 2>&1`).includes(' bytes from ');
  }

  /** Counts in a namespace, from now on, the ICMP echoes that arrive there from each source. */
  countEchoes(space: string): () => string[] {
    this.host.sh(
      `nft 'table ip echoes { set sources { type ipv4_addr; flags dynamic; }
        chain input { type filter hook input priority 0; icmp type echo-request add @sources { ip saddr }; }; }'`,
      { in: space },
    );
    return () =>
      this.host.sh('nft list set ip echoes sources', { in: space }).match(/\d+\.\d+\.\d+\.\d+/g) ?? [];
  }

  private in(from: string, script: string): string {
    return this.host.sh(`${script} || true`, from === 'host' ? {} : { in: from }).trim();
  }

  /** The XML that libvirt hands to a hook, for a guest of the lab. */
  xml(guest: LabGuest, operation: string, metadata = ''): string {
    const live = ['start', 'started', 'reconnect', 'attach'].includes(operation);
    return `<domain type='qemu'${live || operation === 'prepare' ? " id='4'" : ''}>
  <name>${escapeXml(guest.name)}</name>
  <uuid>${guest.uuid}</uuid>
  <metadata>${metadata}</metadata>
  <memory unit='KiB'>131072</memory>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <interface type='network'>
      <mac address='${guest.mac}'/>
      <source network='default'${live ? " portid='de831c28-7064-4a97-94b8-4240e6e001bb' bridge='virbr0'" : ''}/>
      ${live ? `<target dev='${guest.tap}'/>` : ''}
      <model type='virtio'/>
    </interface>${(guest.nics ?? []).map((nic) => dmzNicXml(nic, live)).join('')}
  </devices>
</domain>
`;
  }

  /** Calls the hook as libvirt does. */
  hook(guest: LabGuest, operation: string, options: GuestHookOptions = {}): Ran {
    return this.host.run(...this.hookCall(guest, operation, options));
  }

  /** As `hook`, while other things go on: for one that waits. So do the two below. */
  hookAside(guest: LabGuest, operation: string, options: GuestHookOptions = {}): Promise<Ran> {
    return this.host.runAside(...this.hookCall(guest, operation, options));
  }

  private hookCall(guest: LabGuest, operation: string, options: GuestHookOptions): Call {
    const suffix = operation === 'stopped' || operation === 'release' ? 'end' : 'begin';
    const call = ['/etc/libvirt/hooks/qemu', guest.name, operation, suffix, '-'] as const;
    const [program, ...args] = this.withStatus(guest, operation, call, options.metadata);
    return [
      program,
      args,
      { input: this.xml(guest, operation, options.metadata), mayFail: true, ...options },
    ];
  }

  /** A call, and what libvirt does to its status file: it is there before `started`, and gone after `release`. */
  private withStatus(
    guest: LabGuest,
    operation: string,
    call: readonly [string, ...string[]],
    metadata?: string,
  ): readonly [string, ...string[]] {
    const file = `/run/libvirt/qemu/${guest.name}.xml`;
    if (operation === 'started') {
      const script = 'mkdir -p /run/libvirt/qemu; printf %s "$1" >"$2"; shift 2; unset PWD; exec "$@"';
      return ['sh', '-ec', script, 'sh', this.status(guest, metadata), file, ...call];
    }
    if (operation !== 'release') return call;
    return [
      'sh',
      '-c',
      'file=$1; shift; unset PWD; "$@"; code=$?; rm -f "$file"; exit $code',
      'sh',
      file,
      ...call,
    ];
  }

  /** Calls the hook for a network (`started`, `updated`, `stopped`), or for a port of one. */
  networkHook(operation: string, xml = networkHookXml(), options: RunOptions = {}): Ran {
    return this.host.run(...networkHookCall(operation, xml, options));
  }

  networkHookAside(operation: string, xml = networkHookXml(), options: RunOptions = {}): Promise<Ran> {
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

  /** The status file that libvirt keeps of a guest that runs. */
  status(guest: LabGuest, metadata = ''): string {
    const domain = this.xml(guest, 'started', metadata).replaceAll(
      / bridge='(virbr\d)'([\s\S]*?)<target dev=/g,
      (_, bridge: string, between: string) =>
        `${between}<actual type='network'><source bridge='${bridge}'/></actual><target dev=`,
    );
    return `<domstatus state='running' reason='booted' pid='1'>\n${domain}</domstatus>\n`;
  }

  /** Calls the CLI. */
  guestgate(...args: readonly string[]): Ran {
    return this.host.run('/usr/bin/guestgate', args, { mayFail: true });
  }

  configure(toml: string): void {
    const wanted = this.backend === undefined ? '' : `backend = "${this.backend.replace(/-.*/, '')}"\n`;
    const host = toml.includes('[host]\n') ? toml : `[host]\n${toml}`;
    this.host.write(
      '/etc/guestgate/guestgate.toml',
      wanted === '' ? toml : host.replace('[host]\n', `[host]\n${wanted}`),
    );
  }

  /** The program and its hooks as they were before an uninstall. */
  reinstall(): void {
    this.host.sh(
      `rm -rf /etc/libvirt/hooks\ncp '${repositoryPath('dist/guestgate')}' /usr/bin/guestgate\n${installation}`,
    );
  }

  /** What libvirt hands to the network hook for the lab's network, in all its families. */
  networkXml(): string {
    const network = this.ipv6 ? bothFamiliesXml : defaultNetworkXml;
    return `<hookData>\n${network.replace(/<\/?networkstatus>\n?/g, '')}</hookData>`;
  }

  /** The whole ruleset, of every kind, as text without counters. */
  ruleset(): string {
    const text = this.host.sh(`
      nft -s list ruleset
      for t in filter nat mangle; do
        if grep -qx $t /proc/net/ip_tables_names; then iptables-legacy-save -t $t | grep -v '^#'; fi
        if grep -qx $t /proc/net/ip6_tables_names; then ip6tables-legacy-save -t $t | grep -v '^#'; fi
      done
    `);
    return text.replaceAll(/counter packets \d+ bytes \d+/g, 'counter').replaceAll(/\[\d+:\d+\]/g, '[0:0]');
  }

  async destroy(): Promise<void> {
    await this.host.destroy();
  }
}

function networkHookCall(operation: string, input: string, options: RunOptions): Call {
  const args = ['default', operation, operation === 'stopped' ? 'end' : 'begin', '-'];
  return ['/etc/libvirt/hooks/network', args, { input, mayFail: true, ...options }];
}

function daemonHookCall(operation: DaemonOperation, options: RunOptions): Call {
  const rest = { start: ['-', 'start'], reload: ['begin', 'SIGHUP'], shutdown: ['-', 'shutdown'] };
  const args = ['-', operation, ...rest[operation]];
  return ['/etc/libvirt/hooks/daemon', args, { mayFail: true, ...options }];
}

/** What libvirt hands to the network hook; `port` for an operation on a port. */
export function networkHookXml(port?: { readonly guest: LabGuest; readonly mac?: string }): string {
  const network = defaultNetworkXml.replace(/<\/?networkstatus>\n?/g, '');
  const networkPort =
    port &&
    `  <networkport>
    <uuid>de831c28-7064-4a97-94b8-4240e6e001bb</uuid>
    <owner><name>${escapeXml(port.guest.name)}</name><uuid>${port.guest.uuid}</uuid></owner>
    <mac address='${port.mac ?? port.guest.mac}'/>
    <plug type='network' bridge='virbr0'/>
  </networkport>
`;
  return `<hookData>\n${network}${networkPort ?? ''}</hookData>`;
}

function dmzNicXml({ mac, tap }: { readonly mac: string; readonly tap: string }, live: boolean): string {
  return `
    <interface type='network'>
      <mac address='${mac}'/>
      <source network='dmz'${live ? " portid='de831c28-7064-4a97-94b8-4240e6e001bc' bridge='virbr1'" : ''}/>
      ${live ? `<target dev='${tap}'/>` : ''}
      <model type='virtio'/>
    </interface>`;
}

/** The second network, which reserves an address for one interface. */
export function dmzNetworkXml(mac: string, address: string): string {
  return `<networkstatus><network>
  <name>dmz</name><uuid>6f70a93a-d33f-4f38-bce0-9dc095ca3e5b</uuid>
  <forward mode='nat'/>
  <bridge name='virbr1' stp='on' delay='0'/>
  <ip address='192.168.150.1' netmask='255.255.255.0'><dhcp><range start='192.168.150.2' end='192.168.150.254'/><host mac='${mac}' ip='${address}'/></dhcp></ip>
</network></networkstatus>
`;
}

function escapeXml(text: string): string {
  const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', "'": '&apos;', '"': '&quot;' };
  return text.replaceAll(/[&<>'"]/g, (character) => entities[character as keyof typeof entities]);
}

export function readRepository(path: string): string {
  return readFileSync(repositoryPath(path), 'utf8');
}

export function repositoryPath(path: string): string {
  return `${repository}${path}`;
}
