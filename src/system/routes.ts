import {
  type Address,
  addressOfBytes,
  contains,
  type Family,
  type Network,
  networkOf,
} from '../model/address.ts';
import { readText } from './files.ts';

/** What the kernel sends out through an interface. */
export interface InterfaceRoute {
  readonly interface: string;
  readonly network: Network;
}

/**
 * The routes of the main table that lead to a part of the world (/proc/net/route, proc_net(5); /proc/net/ipv6_route), without
 * default routes, routes that drop, and link-local ones. Rules of ip-rule(8) are not looked at.
 */
export function interfaceRoutes(family: Family): InterfaceRoute[] {
  return family === 'ip'
    ? parseRoutes(readText('/proc/net/route') ?? '')
    : parseRoutes6(readText('/proc/net/ipv6_route') ?? '');
}

/** The interface that packets to an address leave through, by the narrowest of these routes. Pure. */
export function interfaceTo(address: Address, routes: readonly InterfaceRoute[]): string | undefined {
  const [narrowest] = routes
    .filter(({ network }) => contains(network, address))
    .sort((a, b) => lengthOf(b.network) - lengthOf(a.network));
  return narrowest?.interface;
}

function lengthOf(network: Network): number {
  return Number(network.slice(network.indexOf('/') + 1));
}

/** RTF_UP and RTF_REJECT (linux/route.h). */
const [up, reject] = [0x1, 0x200];

/** Numbers of the processor's byte order: `Iface Destination Gateway Flags RefCnt Use Metric Mask ...`. Pure. */
export function parseRoutes(text: string): InterfaceRoute[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', destination = '', , flags = '', , , , mask = ''] = line.split('\t');
    if (!/^[\dA-F]{8}$/.test(destination) || !isUsable(flags) || mask === '00000000') return [];
    const address = addressOfBytes(Buffer.from(destination, 'hex').reverse());
    const length = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length;
    return address === undefined ? [] : [{ interface: name, network: networkOf(address, length) }];
  });
}

/** Destination and its length, source and its length, next hop, metric, references, use, flags, interface. Pure. */
export function parseRoutes6(text: string): InterfaceRoute[] {
  return text.split('\n').flatMap((line) => {
    const [destination = '', length = '', , , , , , , flags = '', name = ''] = line.trim().split(/\s+/);
    if (!/^[\da-f]{32}$/.test(destination) || !isUsable(flags) || length === '00' || name === 'lo') return [];
    const address = addressOfBytes(Buffer.from(destination, 'hex'));
    if (address === undefined || contains('fe80::/10', address) || contains('ff00::/8', address)) return [];
    return [{ interface: name, network: networkOf(address, Number.parseInt(length, 16)) }];
  });
}

function isUsable(flags: string): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & up) !== 0 && (bits & reject) === 0;
}
