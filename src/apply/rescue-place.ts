import { contains, type Family, parseAddress, privateNetworks } from '../model/address.ts';
import { type RescuePlace, validInterfaces } from '../model/saved-rules.ts';
import { readFolder, readText } from '../system/files.ts';
import { hostFamilies } from '../system/host.ts';
import { type Listener, listeners } from '../system/listeners.ts';
import { defaultRouteInterfaces, type HeldAddress, interfaceAddresses } from '../system/uplinks.ts';

/** What is read of the host for it. */
export interface RescueFacts {
  readonly families: readonly Family[];
  /** `interface` of `[host]`. */
  readonly configured: readonly string[];
  readonly defaultRoutes: readonly string[];
  /** Interfaces that are certainly the host's own: hardware, VLAN, bond, tunnel. */
  readonly links: readonly string[];
  readonly hasWireguard: boolean;
  readonly addresses: readonly HeldAddress[];
  readonly listeners: readonly Listener[];
  /** The port of the host that the administrator's own session came by, of SSH_CONNECTION (ssh(1)). */
  readonly sessionPort: number | undefined;
}

/** Reads the host, and changes nothing. */
export function readRescueFacts(configured: readonly string[]): RescueFacts {
  const links = readFolder('/sys/class/net').filter(isHostLink);
  const session = Number(process.env['SSH_CONNECTION']?.split(' ')[3]);
  return {
    families: hostFamilies(),
    configured,
    defaultRoutes: [...defaultRouteInterfaces('ip'), ...defaultRouteInterfaces('ip6')],
    links,
    hasWireguard: links.some((name) => deviceType(name) === 'wireguard'),
    addresses: interfaceAddresses(),
    listeners: listeners(),
    sessionPort: session > 0 && session < 65_536 ? session : undefined,
  };
}

/** What the working set is made for. Pure. */
export function placeOf(facts: RescueFacts, mark: number): RescuePlace {
  const hasPublic = (name: string) =>
    facts.addresses.some((held) => held.interface === name && isPublic(held.address));
  const outside = validInterfaces([
    ...facts.configured,
    ...facts.defaultRoutes,
    ...facts.links.filter(hasPublic),
  ]);
  return {
    families: facts.families,
    outside,
    trusted: validInterfaces(facts.links).filter((name) => !outside.includes(name)),
    sshPorts: sshPorts(facts),
    tunnelPorts: sorted(portsOf(facts.listeners, 'udp', (name) => isTunnel(name, facts.hasWireguard))),
    mark,
  };
}

/** An IPv4 address that others on the Internet reach. Of IPv6, every link may have one. */
function isPublic(address: string): boolean {
  const parsed = parseAddress(address);
  return (
    parsed !== undefined &&
    !parsed.includes(':') &&
    ![...privateNetworks.ip, '169.254.0.0/16'].some((network) => contains(network, parsed))
  );
}

function portsOf(
  found: readonly Listener[],
  protocol: Listener['protocol'],
  isWanted: (process: string | undefined) => boolean,
): number[] {
  return found.filter((one) => one.protocol === protocol && isWanted(one.process)).map(({ port }) => port);
}

/** 22, that of the session, and where a server listens. systemd does so for sshd until the first connection comes (ssh.socket). */
function sshPorts({ listeners: found, sessionPort }: RescueFacts): readonly number[] {
  const ofServers = portsOf(found, 'tcp', (name) => /^(sshd|sshd-\S+|dropbear) \(/.test(name ?? ''));
  const ofSockets = portsOf(found, 'tcp', (name) => /^systemd \(/.test(name ?? ''));
  const ofSession = sessionPort === undefined ? [] : [sessionPort];
  return sorted([22, ...ofSession, ...(ofServers.length > 0 ? ofServers : ofSockets)]);
}

/** WireGuard's sockets are the kernel's: no process has them open. */
function isTunnel(process: string | undefined, hasWireguard: boolean): boolean {
  if (process === undefined) return hasWireguard;
  return /^(openvpn|charon|charon-systemd|pluto|tailscaled|wireguard-go|nebula|zerotier-one|tincd) \(/.test(
    process,
  );
}

function sorted(ports: readonly number[]): readonly number[] {
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** Of no guest: bridges, taps and vifs are guests' links, and so is everything that is not known (sysfs-class-net). */
function isHostLink(name: string): boolean {
  if (/^(vif|emu)\d/.test(name)) return false;
  const folder = `/sys/class/net/${name}`;
  const flags = Number(readText(`${folder}/tun_flags`) ?? 0);
  // IFF_TUN (linux/if_tun.h): a tunnel of packets, such as OpenVPN's. Taps carry frames, as guests send them.
  return (
    ['vlan', 'bond', 'wireguard'].includes(deviceType(name)) ||
    (flags & 1) === 1 ||
    readFolder(folder).includes('device')
  );
}

function deviceType(name: string): string {
  return /^DEVTYPE=(\S+)/m.exec(readText(`/sys/class/net/${name}/uevent`) ?? '')?.[1] ?? '';
}
