import { type Address, familyOf, prefixOfNetmask } from '../model/address.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { isUnicastMac } from '../model/mac.ts';
import type { NamespaceLink, PlacedAddress } from '../model/namespace.ts';
import { quoted, UserError } from '../model/problem.ts';
import type { VserverFiles, VserverInterface } from '../model/vserver.ts';
import { unicastOf } from '../policy/unicast.ts';
import { contextMac } from './context-mac.ts';
import { isNamespaceName } from './read-request.ts';

/** A guest of Linux-VServer, and the devices that it has in a namespace. */
export interface VserverRequest {
  readonly name: string;
  /** 2 to 49151. */
  readonly context: number;
  readonly namespace: string;
  readonly devices: readonly VserverDevice[];
}

export type DeviceLink = Exclude<NamespaceLink, { kind: 'shared' }>;

export interface VserverDevice {
  /** 0 to 255: the number of its first folder in `interfaces`. */
  readonly number: number;
  readonly link: DeviceLink;
  readonly mac: string;
  readonly addresses: readonly PlacedAddress[];
  /** At most one of each family. */
  readonly gateways: readonly Address[];
}

type InterfaceKind = (name: string) => 'bridge' | 'port' | undefined;

/**
 * What a guest's files ask for; undefined: it has no shared namespace, so guestgate makes nothing for it. The folders of one device, one for
 * each address, make one device. Pure, but for what an interface is.
 *
 * @throws UserError that names each mistake
 */
export function readVserver(
  name: string,
  files: VserverFiles,
  interfaceKind: InterfaceKind,
): VserverRequest | undefined {
  const { hasNamespace, isShared, namespace = name, interfaces } = files;
  if (!hasNamespace || !isShared) return undefined;
  const mistakes: string[] = [];
  const context = numberIn(files.context, 2, 49151);
  if (context === undefined)
    mistakes.push(`context: invalid number ${quoted(files.context ?? '')} (expected 2 to 49151)`);
  if (!isNamespaceName(namespace)) mistakes.push(`netns/name: invalid name ${quoted(namespace)}`);
  if (interfaces.length === 0) mistakes.push('interfaces: it needs one with an address');
  const devices = new Map<string, VserverInterface[]>();
  for (const one of interfaces) devices.set(one.dev ?? '', [...(devices.get(one.dev ?? '') ?? []), one]);
  const read = [...devices.values()].map((folders) =>
    deviceOf(folders, context ?? 0, interfaceKind, mistakes),
  );
  if (mistakes.length > 0) throw new UserError(`vserver ${quoted(name)}: ${mistakes.join('; ')}`);
  return { name, context: context ?? 0, namespace, devices: read };
}

function deviceOf(
  folders: readonly VserverInterface[],
  context: number,
  interfaceKind: InterfaceKind,
  mistakes: string[],
): VserverDevice {
  const [first] = folders;
  const number = numberIn(first?.folder, 0, 255) ?? 0;
  for (const { folder, isLeftAlone } of folders) {
    if (numberIn(folder, 0, 255) === undefined)
      mistakes.push(`interfaces/${folder}: invalid number (expected 0 to 255)`);
    if (!isLeftAlone)
      mistakes.push(
        `interfaces/${folder}: util-vserver would give its address to the host (to prevent that: touch interfaces/${folder}/nodev)`,
      );
  }
  const { link, vlan } = linkOf(first?.dev, interfaceKind, mistakes);
  const given = folders.flatMap(({ mac }) => mac?.toLowerCase() ?? [])[0];
  if (given !== undefined && !isUnicastMac(given))
    mistakes.push(`mac: invalid MAC address ${quoted(given)} (expected one like 02:00:00:aa:bb:01)`);
  const gateways = new Set(folders.flatMap((one) => gatewayOf(one, mistakes)));
  for (const family of ['ip', 'ip6'] as const)
    if ([...gateways].filter((one) => familyOf(one) === family).length > 1)
      mistakes.push(`interfaces/${first?.folder ?? ''}: a device can have one gateway of each family`);
  return {
    number,
    link,
    mac: given ?? contextMac(vlan, context, number),
    addresses: folders.flatMap((one) => addressOf(one, mistakes)),
    gateways: [...gateways],
  };
}

/**
 * `br0`, a bridge: a port of it. `eth0.20`: VLAN 20 of eth0, or, where the host has that interface, a macvlan of it, as of any other. Without
 * a device: a link of its own to the host.
 */
function linkOf(
  dev: string | undefined,
  interfaceKind: InterfaceKind,
  mistakes: string[],
): { readonly link: DeviceLink; readonly vlan: number } {
  if (dev === undefined) return { link: { kind: 'own' }, vlan: 0 };
  // ip-batch(8) takes a `#` for the beginning of a comment.
  if (!isInterfaceName(dev) || dev.includes('#')) {
    mistakes.push(`dev: invalid interface name ${quoted(dev)}`);
    return { link: { kind: 'own' }, vlan: 0 };
  }
  const [, uplink = dev, tag] = /^(.+)\.(\d{1,4})$/.exec(dev) ?? [];
  const vlan = numberIn(tag, 1, 4094) ?? 0;
  const kind = interfaceKind(dev);
  if (kind === 'bridge') return { link: { kind: 'bridge', bridge: dev }, vlan };
  if (kind === 'port') return { link: { kind: 'macvlan', uplink: dev }, vlan };
  if (vlan === 0 || interfaceKind(uplink) === undefined)
    mistakes.push(`dev: the host has no interface ${quoted(vlan === 0 ? dev : uplink)}`);
  return { link: { kind: 'vlan', uplink, vlan }, vlan };
}

function addressOf({ folder, ip = '', prefix, mask }: VserverInterface, mistakes: string[]): PlacedAddress[] {
  const address = unicastOf(ip);
  const widest = address === undefined || familyOf(address) === 'ip' ? 32 : 128;
  const length = prefix === undefined ? prefixOfNetmask(mask ?? '') : numberIn(prefix, 1, widest);
  if (address === undefined) mistakes.push(`interfaces/${folder}/ip: invalid address ${quoted(ip)}`);
  else if (length === undefined)
    mistakes.push(`interfaces/${folder}/prefix: invalid length ${quoted(prefix ?? '')}`);
  else return [{ address, prefix: length }];
  return [];
}

function gatewayOf({ folder, gateway }: VserverInterface, mistakes: string[]): Address[] {
  if (gateway === undefined) return [];
  const address = unicastOf(gateway);
  if (address !== undefined) return [address];
  mistakes.push(`interfaces/${folder}/gateway: invalid address ${quoted(gateway)}`);
  return [];
}

function numberIn(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= least && number <= most ? number : undefined;
}
