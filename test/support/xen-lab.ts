import { broadcastFrame } from './ethernet-frame.ts';
import type { Ran, RunOptions } from './ran.ts';
import { backend, type Domain, type InterfaceChoice, macOf, nodesOf, scripts, uuidOf } from './xen-domain.ts';
import { XenHost } from './xen-host.ts';

/** Guests on it, with what libxl does for each, and packets of theirs. */
export class XenLab extends XenHost {
  private last = 0;

  /** Writes a domain and its interfaces into xenstore, and makes their interfaces; no script is run yet. */
  define(name: string, nics: readonly InterfaceChoice[], uuid = uuidOf(name)): Domain {
    const id = ++this.last;
    const domain = { id, name, uuid, nics };
    // xenstore-write reads backslashes as the escapes that xenstore-read prints.
    const escaped = name.replaceAll('\\', '\\\\');
    this.write({ [`/local/domain/${id}/name`]: escaped, [`/local/domain/${id}/vm`]: `/vm/${uuid}` });
    this.host.sh(`ip netns add dom${id}; ip -n dom${id} link set lo up`);
    for (const index of nics.keys()) this.plug(domain, index);
    return domain;
  }

  /** The nodes that libxl writes for an interface, and its interface with the guest behind it. */
  plug({ id, nics }: Domain, index: number): void {
    const { ip, type = 'vif', mac = macOf(id, index) } = nics[index] ?? {};
    this.write(nodesOf({ id, nics }, index));
    const space = `dom${id}`;
    this.host.sh(`
      ip link add vif${id}.${index} type veth peer name eth${index} netns ${space}
      ip -n ${space} link set eth${index} address ${mac}; ip -n ${space} link set eth${index} up
      echo 0 >/proc/sys/net/ipv6/conf/xenbr0/accept_dad
    `);
    if (type === 'vif_ioemu')
      this.host.sh(`ip link add vif${id}.${index}-emu type veth peer name emu${id}.${index}`);
    for (const address of (ip ?? '').split(' ').filter((one) => /^[\d.]+$|^[\da-f:]+$/.test(one)))
      this.address(space, address, index);
  }

  /** Gives a guest an address of its own choice. */
  address(space: string, address: string, index = 0): void {
    const how = address.includes(':')
      ? `${address}/64 dev eth${index} nodad`
      : `${address}/24 dev eth${index}`;
    this.host.sh(`ip -n ${space} addr add ${how}`);
  }

  /** Runs an interface's script as libxl does. */
  script(
    { id, nics }: Pick<Domain, 'id' | 'nics'>,
    index: number,
    command: string,
    options: RunOptions & {
      readonly type?: 'vif' | 'tap';
      readonly args?: readonly string[];
      readonly without?: string;
    } = {},
  ): Ran {
    const { type = 'vif', args = [], without = '' } = options;
    const port = `vif${id}.${index}`;
    const env: Record<string, string> = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      XENBUS_TYPE: 'vif',
      XENBUS_BASE_PATH: 'backend',
      XENBUS_PATH: backend(id, index),
      netdev: '',
      script: `${scripts}/${nics[index]?.script ?? 'vif-bridge'}`,
      vif: port,
      ...(type === 'tap' && { INTERFACE: `${port}-emu` }),
    };
    delete env[without];
    return this.host.run(env['script'] ?? `${scripts}/vif-bridge`, [...args, command, `type_if=${type}`], {
      env,
      mayFail: true,
      ...options,
    });
  }

  /** `xl create`: all scripts of a domain, one after the other. */
  start(name: string, nics: readonly InterfaceChoice[], uuid?: string): Domain {
    const domain = this.define(name, nics, uuid);
    for (const index of nics.keys()) this.online(domain, index);
    return domain;
  }

  online(domain: Domain, index: number): void {
    const ran = this.script(domain, index, 'online');
    if (ran.status !== 0) throw new Error(`online: ${JSON.stringify(ran)} ${this.log()}`);
    // There is no way out before the interface is up.
    this.host.sh(
      `for a in 10.99.0.1 fd00:99::1; do ip -n dom${domain.id} route replace default via $a 2>/dev/null || true; done`,
    );
  }

  /** `xl destroy`: the interfaces are gone when the scripts run, and the nodes when they have ended. */
  end(domain: Domain): void {
    for (const index of domain.nics.keys()) this.unplug(domain, index);
    this.host.sh(`xenstore-rm /local/domain/${domain.id}; ip netns del dom${domain.id}`);
  }

  unplug(domain: Domain, index: number): Ran {
    this.host.sh(`ip -n dom${domain.id} link del eth${index} 2>/dev/null || true`);
    const ran = this.script(domain, index, 'offline');
    this.host.sh(`xenstore-rm ${backend(domain.id, index)}`);
    return ran;
  }

  /** What a script told libxl: `connected`, `error`. */
  status({ id }: Domain, index = 0): string {
    return this.host.sh(`xenstore-read ${backend(id, index)}/hotplug-status || true`).trim();
  }

  error({ id }: Domain, index = 0): string {
    return this.host.sh(`xenstore-read ${backend(id, index)}/hotplug-error || true`).trim();
  }

  /** Whether an echo of IPv4 or IPv6 is answered, sent from the given address. */
  pings(space: string, to: string, from?: string): boolean {
    return this.echo(space, to, from, 2);
  }

  /** Whether it is not, where all that could answer is on this machine. */
  isSilent(space: string, to: string, from?: string): boolean {
    return !this.echo(space, to, from, 0.2);
  }

  private echo(space: string, to: string, from: string | undefined, seconds: number): boolean {
    const source = from === undefined ? '' : `-I ${from}`;
    const script = `ping -c1 -W${seconds} ${source} ${to} >/dev/null 2>&1 && echo yes || true`;
    return this.host.sh(script, space === 'host' ? {} : { in: space }).trim() === 'yes';
  }

  /** Sends a frame to everybody on the bridge, from a guest's own MAC address: `body` is hex, its Ethernet type first. */
  sendFrame({ id }: Domain, body: string): void {
    this.host.sh(`printf '${broadcastFrame(macOf(id), body)}' | socat -u - INTERFACE:eth0`, {
      in: `dom${id}`,
    });
  }
}
