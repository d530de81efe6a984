import type { Forward } from '../model/policy.ts';
import { overlap, type PortRange, type Protocol, parsePorts, parseProtocols } from '../model/port.ts';

/** Ports of the host that something has, in any policy, in the kernel, or a socket. */
export interface BusyPorts {
  readonly protocol: Protocol;
  readonly ports: PortRange;
}

/**
 * Where free ports are looked for: below those that the kernel takes for connections of the host's own
 * (`net.ipv4.ip_local_port_range`), and that guests which share an address leave from.
 */
const offered = { first: 20_000, last: 32_767 } as const;

/**
 * Puts the lowest free ports of the host into forwards without one: `:80` becomes `20000:80`, `203.0.113.11::80/udp` becomes
 * `203.0.113.11:20000:80/udp`. A forward of several protocols gets ports that are free for all of them, a range as many as it has.
 *
 * @returns the other texts as they are; undefined in place of one for which nothing is free
 */
export function withFreePorts(texts: readonly string[], busy: readonly BusyPorts[]): (string | undefined)[] {
  const taken = [...busy];
  return texts.map((text) => {
    const parts = partsOf(text);
    if (parts === undefined) return text;
    const { host, guestPorts, protocols } = parts;
    const count = guestPorts.last - guestPorts.first;
    const ports = firstFree(
      count,
      taken.filter(({ protocol }) => protocols.includes(protocol)),
    );
    if (ports === undefined) return undefined;
    taken.push(...protocols.map((protocol) => ({ protocol, ports })));
    const own = count === 0 ? ports.first : `${ports.first}-${ports.last}`;
    return `${host}${own}${text.trim().slice(host.length)}`;
  });
}

/** Whether a text names no port of the host. */
export function wantsFreePort(text: string): boolean {
  return partsOf(text) !== undefined;
}

export function busyOf(forwards: readonly Pick<Forward, 'protocol' | 'ports'>[]): BusyPorts[] {
  return forwards.map(({ protocol, ports }) => ({ protocol, ports }));
}

function partsOf(text: string) {
  const match = /^((?:\[[^\]]*\]|[^:[\]]+):)?:([\d-]+)(?:\/(.*))?$/.exec(text.trim());
  const guestPorts = parsePorts(match?.[2] ?? '');
  const protocols = parseProtocols(match?.[3] ?? 'tcp');
  if (match === null || guestPorts === undefined || protocols === undefined) return undefined;
  return { host: match[1] ?? '', guestPorts, protocols };
}

function firstFree(more: number, taken: readonly BusyPorts[]): PortRange | undefined {
  for (let first: number = offered.first; first + more <= offered.last; ) {
    const ports = { first, last: first + more };
    const obstacle = taken.find((other) => overlap(other.ports, ports));
    if (obstacle === undefined) return ports;
    first = obstacle.ports.last + 1;
  }
  return undefined;
}
