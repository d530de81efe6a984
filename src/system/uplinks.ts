import { type Address, contains, type Family, families, parseAddress } from '../model/address.ts';
import { readText } from './files.ts';

/** An address of this host that others can reach, and the interface that holds it. */
export interface HeldAddress {
  readonly interface: string;
  readonly address: Address;
}

/** What plans read of the host's uplinks, all at the same moment. */
export interface HostFacts {
  readonly addresses: readonly HeldAddress[];
  /** The interface of the default route; undefined: there is none. */
  readonly defaultRoutes: Readonly<Record<Family, string | undefined>>;
}

export function readHostFacts(): HostFacts {
  return {
    addresses: interfaceAddresses(),
    defaultRoutes: { ip: defaultRouteInterface('ip'), ip6: defaultRouteInterface('ip6') },
  };
}

/** The same text for the same facts, in whichever order the kernel lists them. */
export function factsText({ addresses, defaultRoutes }: HostFacts): string {
  const held = addresses.map((one) => `${one.interface} ${one.address}`).sort();
  return [...families.map((family) => `${family} ${defaultRoutes[family] ?? ''}`), ...held].join('\n');
}

/** The interfaces that hold an address, each once. */
export function holdersOf(address: Address, addresses: readonly HeldAddress[]): string[] {
  return [...new Set(addresses.filter((one) => one.address === address).map((one) => one.interface))];
}

/** A default route of the main table. */
export interface DefaultRoute {
  readonly interface: string | undefined;
  readonly metric: number;
}

/** The interface of the default route with the lowest metric. */
export function defaultRouteInterface(family: Family = 'ip'): string | undefined {
  return readDefaultRoutes(family).sort((a, b) => a.metric - b.metric)[0]?.interface;
}

/** The interfaces of all default routes, in the kernel's order. */
export function defaultRouteInterfaces(family: Family): string[] {
  return [...new Set(readDefaultRoutes(family).flatMap((route) => route.interface ?? []))];
}

function readDefaultRoutes(family: Family): DefaultRoute[] {
  return family === 'ip'
    ? parseDefaultRoutes(readText('/proc/net/route') ?? '')
    : parseDefaultRoutes6(readText('/proc/net/ipv6_route') ?? '');
}

/** Lines of /proc/net/route (proc_net(5)): `Iface Destination Gateway Flags RefCnt Use Metric Mask ...`. Pure. */
export function parseDefaultRoutes(text: string): DefaultRoute[] {
  const lines = text.split('\n').map((line) => line.split('\t'));
  return lines.flatMap(([name, destination, , , , , metric, mask]) =>
    destination === '00000000' && mask === '00000000' ? [{ interface: name, metric: Number(metric) }] : [],
  );
}

/** Lines of /proc/net/ipv6_route: destination and its length, source and its length, next hop, metric ... interface; in hex. Pure. */
export function parseDefaultRoutes6(text: string): DefaultRoute[] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  return lines.flatMap(([destination = '', length, , , , metric = '', , , , name]) =>
    /^0{32}$/.test(destination) && length === '00' && name !== 'lo'
      ? [{ interface: name, metric: Number.parseInt(metric, 16) }]
      : [],
  );
}

/** The addresses of this host that others can reach, by interface; an alias (`eth0:0`) counts as its parent. */
export function interfaceAddresses(): HeldAddress[] {
  const { networkInterfaces } = process.getBuiltinModule('node:os');
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap(({ address: text, internal }) => {
      const address = internal ? undefined : parseAddress(text);
      if (address === undefined || contains('fe80::/10', address)) return [];
      return [{ interface: name.split(':')[0] ?? name, address }];
    }),
  );
}
