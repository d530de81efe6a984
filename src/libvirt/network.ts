import {
  type Address,
  familyOf,
  type Network,
  networkOf,
  parseAddress,
  prefixOfNetmask,
} from '../model/address.ts';
import type { Nic } from '../model/guest.ts';
import { metadataNamespace } from '../model/policy.ts';
import { attribute, child, children, text, type XmlNode } from '../model/xml.ts';
import { macOfDuid } from './duid.ts';
import type { HostEntry } from './leases.ts';
import { parseXml } from './xml.ts';

/** A libvirt network, or an interface in the place of one: what is needed to find and to check the addresses of its guests. */
export interface LibvirtNetwork {
  readonly name: string;
  readonly bridge?: string;
  /** It has no `<forward>`: its guests get no router. */
  readonly isolated?: true;
  /** An interface of the host that libvirt does not run, and the networks that it leads to; the rest of this is empty then. */
  readonly plain?: readonly Network[];
  /** The host's own addresses on it, each with the network it spans. */
  readonly gateways: readonly { readonly address: Address; readonly network: Network }[];
  /** `<host mac= name= ip=>`, for IPv6 `<host id= name= ip=>`: dnsmasq matches the interface, or the guest's host name. */
  readonly reservations: readonly HostEntry[];
}

/** Who a network port belongs to, and the interface it is for. */
export interface NetworkPort {
  readonly owner: { readonly name: string; readonly uuid?: string };
  readonly nic: Nic;
}

/**
 * A network's definition (`/etc/libvirt/qemu/networks/N.xml`), its live status (`/run/libvirt/network/N.xml`)
 * or what the network hook gets on stdin (https://libvirt.org/formatnetwork.html).
 *
 * @throws UserError if the text is none of these
 */
export async function parseNetworkXml(
  xml: string,
  what: string,
): Promise<{ network: LibvirtNetwork; port?: NetworkPort }> {
  const root = /<(hookData|networkstatus|network)[\s>]/.exec(xml)?.[1] ?? 'network';
  const document = await parseXml(xml, root, what, metadataNamespace);
  const node = root === 'network' ? document : child(document, 'network');
  const port = child(document, 'networkport');
  const network = parseNetworkNode(node);
  return { network, ...(port !== undefined && { port: parsePort(port, network) }) };
}

function parseNetworkNode(node: XmlNode | undefined): LibvirtNetwork {
  const bridge = attribute(child(node, 'bridge'), 'name');
  const ips = children(node, 'ip');
  return {
    name: text(child(node, 'name')) ?? '',
    ...(bridge !== undefined && { bridge }),
    ...(child(node, 'forward') === undefined && { isolated: true as const }),
    gateways: ips.flatMap((ip) => parseGateway(ip) ?? []),
    reservations: ips
      .flatMap((ip) => children(child(ip, 'dhcp'), 'host'))
      .flatMap((host) => parseReservation(host) ?? []),
  };
}

function parseGateway(ip: XmlNode): LibvirtNetwork['gateways'][number] | undefined {
  const address = parseAddress(attribute(ip, 'address') ?? '');
  const given = attribute(ip, 'prefix');
  const netmask = attribute(ip, 'netmask');
  if (address === undefined) return undefined;
  // libvirt takes an IPv6 network without a prefix length for a /64.
  const [longest, usual] = familyOf(address) === 'ip6' ? [128, 64] : [32, prefixOfNetmask(netmask ?? '')];
  const prefix = given === undefined ? usual : /^\d+$/.test(given) ? Number(given) : undefined;
  if (prefix === undefined || prefix > longest) return undefined;
  return { address, network: networkOf(address, prefix) };
}

function parseReservation(host: XmlNode): HostEntry | undefined {
  const address = parseAddress(attribute(host, 'ip') ?? '');
  const mac = attribute(host, 'mac')?.toLowerCase() ?? macOfDuid(attribute(host, 'id') ?? '');
  const name = attribute(host, 'name');
  if (address === undefined) return undefined;
  return { ...(mac !== undefined && { mac }), ...(name !== undefined && { name }), address };
}

function parsePort(port: XmlNode, network: LibvirtNetwork): NetworkPort {
  const owner = child(port, 'owner');
  const uuid = text(child(owner, 'uuid'))?.trim().toLowerCase();
  const mac = attribute(child(port, 'mac'), 'address')?.toLowerCase();
  const portId = text(child(port, 'uuid'))?.trim().toLowerCase();
  const bridge = attribute(child(port, 'plug'), 'bridge') ?? network.bridge;
  return {
    owner: { name: text(child(owner, 'name')) ?? '', ...(uuid !== undefined && { uuid }) },
    nic: {
      ...(mac !== undefined && { mac }),
      network: network.name,
      ...(portId !== undefined && { portId }),
      ...(bridge !== undefined && { bridge }),
      addresses: [],
    },
  };
}
