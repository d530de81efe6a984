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

/** The interface of the default route with the lowest metric (/proc/net/route, proc_net(5); /proc/net/ipv6_route). */
export function defaultRouteInterface(family: Family = 'ip'): string | undefined {
  if (family === 'ip6') return defaultRouteInterface6();
  const routes = (readText('/proc/net/route') ?? '').split('\n').map((line) => line.split('\t'));
  const defaults = routes.filter((fields) => fields[1] === '00000000' && fields[7] === '00000000');
  return defaults.sort((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0];
}

/** Fields of a line: destination and its length, source and its length, next hop, metric ... interface; in hex. */
function defaultRouteInterface6(): string | undefined {
  const lines = (readText('/proc/net/ipv6_route') ?? '').split('\n').map((line) => line.trim().split(/\s+/));
  const defaults = lines.filter(
    (fields) => /^0{32}$/.test(fields[0] ?? '') && fields[1] === '00' && fields[9] !== 'lo',
  );
  return defaults.sort((a, b) => Number.parseInt(a[5] ?? '', 16) - Number.parseInt(b[5] ?? '', 16))[0]?.[9];
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
