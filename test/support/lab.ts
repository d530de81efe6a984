import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Ran, type RunOptions, Sandbox } from './sandbox.ts';

/*
 *   client 198.51.100.2 --- (eth0) host 198.51.100.1, .10, .11 (virbr0) 192.168.122.1 --- guests 192.168.122.x
 */

const repository = fileURLToPath(new URL('../../', import.meta.url));

export const client = '198.51.100.2';
export const publicAddress = '198.51.100.1';
export const secondAddress = '198.51.100.10';
export const thirdAddress = '198.51.100.11';

/** A network as libvirt keeps it. */
export const defaultNetworkXml = `<networkstatus><network>
  <name>default</name><uuid>6f70a93a-d33f-4f38-bce0-9dc095ca3e5a</uuid>
  <forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>
  <bridge name='virbr0' stp='on' delay='0'/>
  <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip>
</network></networkstatus>
`;

export interface LabGuest {
  readonly name: string;
  readonly address: string;
  readonly mac: string;
  readonly tap: string;
  readonly uuid: string;
}

/** Client, host and guests in namespaces of their own, with the built program on the host. */
export class Lab {
  readonly host: Sandbox;
  private guests = 0;

  private constructor(host: Sandbox) {
    this.host = host;
  }

  static async create(): Promise<Lab> {
    const lab = new Lab(await Sandbox.create());
    lab.host.sh(`
      ip netns add client
      ip link add eth0 type veth peer name eth0 netns client
      for a in ${publicAddress} ${secondAddress} ${thirdAddress}; do ip addr add $a/24 dev eth0; done
      ip link set eth0 up
      ip -n client link set lo up; ip -n client link set eth0 up; ip -n client addr add ${client}/24 dev eth0
      ip -n client addr add 198.51.100.3/24 dev eth0
      ip -n client route add default via ${publicAddress}
      ip route add default via ${client}
      ip link add virbr0 type bridge; ip addr add 192.168.122.1/24 dev virbr0; ip link set virbr0 up
      echo 1 >/proc/sys/net/ipv4/ip_forward
    `);
    lab.host.write('/run/libvirt/network/default.xml', defaultNetworkXml);
    lab.installProgram();
    return lab;
  }

  /** A guest: a namespace behind a port of virbr0, as a tap's guest would be. */
  addGuest(name: string, options: { readonly serve?: boolean } = {}): LabGuest {
    const number = ++this.guests;
    const space = `guest${number}`;
    const guest = {
      name,
      address: `192.168.122.${40 + number}`,
      mac: `52:54:00:aa:bb:${String(number).padStart(2, '0')}`,
      tap: `vnet${number}`,
      uuid: `11111111-2222-3333-4444-${String(number).padStart(12, '0')}`,
    };
    this.host.sh(`
      ip netns add ${space}
      ip link add ${guest.tap} type veth peer name eth0 netns ${space}
      ip link set ${guest.tap} master virbr0 up
      ip -n ${space} link set lo up; ip -n ${space} link set eth0 address ${guest.mac}; ip -n ${space} link set eth0 up
      ip -n ${space} addr add ${guest.address}/24 dev eth0; ip -n ${space} route add default via 192.168.122.1
    `);
    if (options.serve !== false) this.serve(space, `hello from ${space}`);
    return guest;
  }

  /** Answers TCP 80, 443 and 22 with a page that names the server and the address it sees, UDP 53 likewise. */
  serve(space: string, greeting: string): void {
    const answer = `read line; printf 'HTTP/1.0 200 OK\\r\\n\\r\\n${greeting}, you are %s\\n' "$SOCAT_PEERADDR"`;
    this.host.write(`/tmp/answer-${space}`, answer);
    this.host.write(`/tmp/answer-udp-${space}`, `read line; echo "${greeting}, you are $SOCAT_PEERADDR"`);
    for (const port of [80, 443, 22]) {
      this.host.start('socat', [`TCP4-LISTEN:${port},fork,reuseaddr`, `EXEC:sh /tmp/answer-${space}`], {
        in: space,
      });
    }
    this.host.start('socat', ['UDP4-RECVFROM:53,fork,reuseaddr', `EXEC:sh /tmp/answer-udp-${space}`], {
      in: space,
    });
    this.host.sh(
      'for i in $(seq 50); do ss -ltn | grep -q ":22 " && ss -lun | grep -q ":53 " && exit 0; sleep 0.05; done; exit 1',
      { in: space },
    );
  }

  /** Fetches over TCP; the answer, or what went wrong. `from` is a namespace, or the host. */
  fetch(
    from: string | 'host',
    address: string,
    port: number,
    options: { readonly source?: string } = {},
  ): string {
    const bind = options.source === undefined ? '' : `,bind=${options.source}`;
    const script = `echo 'GET /' | timeout 3 socat -t2 - TCP4:${address}:${port},connect-timeout=1${bind} 2>&1 | tail -1`;
    return this.in(from, script);
  }

  /** Asks over UDP. */
  ask(from: string | 'host', address: string, port: number): string {
    return this.in(from, `echo hello | timeout 2 socat -t1 - UDP4:${address}:${port} 2>&1 | tail -1`);
  }

  private in(from: string, script: string): string {
    return this.host.sh(`${script} || true`, from === 'host' ? {} : { in: from }).trim();
  }

  /** The XML that libvirt hands to a hook, for a guest of the lab. */
  xml(guest: LabGuest, operation: string, metadata = ''): string {
    const live = ['start', 'started', 'reconnect', 'attach'].includes(operation);
    const name = guest.name.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    return `<domain type='qemu'${live || operation === 'prepare' ? " id='4'" : ''}>
  <name>${name}</name>
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
    </interface>
  </devices>
</domain>
`;
  }

  /** Calls the hook as libvirt does. */
  hook(guest: LabGuest, operation: string, options: RunOptions & { readonly metadata?: string } = {}): Ran {
    const suffix = operation === 'stopped' || operation === 'release' ? 'end' : 'begin';
    const path = '/etc/libvirt/hooks/qemu';
    if (operation === 'started')
      this.host.write(`/run/libvirt/qemu/${guest.name}.xml`, this.status(guest, options.metadata));
    const ran = this.host.run(path, [guest.name, operation, suffix, '-'], {
      input: this.xml(guest, operation, options.metadata),
      mayFail: true,
      ...options,
    });
    if (operation === 'release') this.host.run('rm', ['-f', `/run/libvirt/qemu/${guest.name}.xml`]);
    return ran;
  }

  /** The status file that libvirt keeps of a guest that runs. */
  status(guest: LabGuest, metadata = ''): string {
    const domain = this.xml(guest, 'started', metadata)
      .replace(" bridge='virbr0'", '')
      .replace('<target dev=', "<actual type='network'><source bridge='virbr0'/></actual><target dev=");
    return `<domstatus state='running' reason='booted' pid='1'>\n${domain}</domstatus>\n`;
  }

  /** Calls the CLI. */
  guestgate(...args: readonly string[]): Ran {
    return this.host.run('/usr/bin/guestgate', args, { mayFail: true });
  }

  configure(toml: string): void {
    this.host.write('/etc/guestgate/guestgate.toml', toml);
  }

  /** The whole ruleset, of every kind, as text without counters. */
  ruleset(): string {
    const text = this.host.sh(`
      nft -s list ruleset
      for t in filter nat mangle; do grep -qx $t /proc/net/ip_tables_names && iptables-legacy-save -t $t | grep -v '^#'; done; true
    `);
    return text.replaceAll(/counter packets \d+ bytes \d+/g, 'counter').replaceAll(/\[\d+:\d+\]/g, '[0:0]');
  }

  async destroy(): Promise<void> {
    await this.host.destroy();
  }

  private installProgram(): void {
    const built = `${repository}dist/guestgate`;
    this.host.run('sh', [
      '-ec',
      'cp "$1" /usr/bin/guestgate; mkdir -p /etc/libvirt/hooks; for h in qemu lxc libxl network daemon; do ln -s /usr/bin/guestgate /etc/libvirt/hooks/$h; done',
      'sh',
      built,
    ]);
  }
}

export function readRepository(path: string): string {
  return readFileSync(`${repository}${path}`, 'utf8');
}
