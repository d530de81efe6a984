import { type Address, familyOf } from '../model/address.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import { isUnicastMac } from '../model/mac.ts';
import type { NamespaceLink, NamespaceRequest, PlacedAddress } from '../model/namespace.ts';
import { quoted, UserError } from '../model/problem.ts';
import { unicastOf } from '../policy/unicast.ts';

/** What `guestgate netns add` was given. */
export interface NamespaceOptions {
  readonly address: readonly string[];
  readonly bridge?: string;
  readonly uplink?: string;
  readonly vlan?: number;
  readonly macvlan?: boolean;
  readonly gateway: readonly string[];
  readonly dns: readonly string[];
  readonly mac?: string;
  /** Undefined: as the link has it by default. */
  readonly nat?: boolean;
}

/**
 * A namespace as the command line asks for it. Pure.
 *
 * @throws UserError that names each mistake
 */
export function readNamespaceRequest(name: string, options: NamespaceOptions): NamespaceRequest {
  const mistakes: string[] = [];
  // The name is a file's in /run/netns and /etc/netns, and part of a unit's.
  if (!isNamespaceName(name))
    mistakes.push(
      'invalid name (use letters, digits, dots, - and _, at most 64, the first a letter or digit)',
    );
  const addresses = options.address.flatMap((text) => placed(text, mistakes));
  if (options.address.length === 0) mistakes.push('it needs an address (use --address 10.200.1.2/24)');
  const gateways = options.gateway.flatMap((text) => plain(text, 'gateway', mistakes));
  for (const { length } of [4, 6].map((size) =>
    gateways.filter((one) => familyOf(one) === (size === 4 ? 'ip' : 'ip6')),
  ))
    if (length > 1) mistakes.push('it can have one gateway of each family');
  const dns = options.dns.flatMap((text) => plain(text, 'name server', mistakes));
  const mac = options.mac?.toLowerCase();
  if (mac !== undefined && !isUnicastMac(mac))
    mistakes.push(`invalid MAC address ${quoted(mac)} (expected one like 02:00:00:aa:bb:01)`);
  const link = linkOf(options, mistakes);
  if (mistakes.length > 0) throw new UserError(`namespace ${quoted(name)}: ${mistakes.join('; ')}`);
  const nat = options.nat ?? link.kind === 'own';
  return {
    name,
    addresses,
    link,
    gateways,
    dns,
    ...(mac !== undefined && { mac }),
    ...(nat && { nat: true as const }),
  };
}

export function isNamespaceName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
}

/** ip-batch(8) takes a `#` for the beginning of a comment. */
function isLinkName(name: string): boolean {
  return isInterfaceName(name) && !name.includes('#');
}

function placed(text: string, mistakes: string[]): PlacedAddress[] {
  const [before = '', length, rest] = text.split('/');
  const address = unicastOf(before);
  const widest = address === undefined || familyOf(address) === 'ip' ? 32 : 128;
  const prefix = Number(length);
  if (
    address !== undefined &&
    rest === undefined &&
    /^\d{1,3}$/.test(length ?? '') &&
    prefix > 0 &&
    prefix <= widest
  )
    return [{ address, prefix }];
  mistakes.push(
    `invalid address ${quoted(text)} (expected one with its network's length, like 10.200.1.2/24)`,
  );
  return [];
}

function plain(text: string, what: string, mistakes: string[]): Address[] {
  const address = unicastOf(text);
  if (address !== undefined) return [address];
  mistakes.push(`invalid ${what} ${quoted(text)} (expected an address)`);
  return [];
}

function linkOf({ bridge, uplink, vlan, macvlan }: NamespaceOptions, mistakes: string[]): NamespaceLink {
  for (const name of [bridge, uplink])
    if (name !== undefined && !isLinkName(name)) mistakes.push(`invalid interface name ${quoted(name)}`);
  if (bridge !== undefined && uplink !== undefined)
    mistakes.push('it can be on a bridge or on an uplink, not both');
  if (uplink === undefined && (vlan !== undefined || macvlan === true))
    mistakes.push('--vlan and --macvlan need the interface that they are on (use --uplink)');
  if (vlan !== undefined && macvlan === true)
    mistakes.push('use --vlan or --macvlan (for several namespaces in one VLAN, make the VLAN a --bridge)');
  if (vlan !== undefined && (vlan < 1 || vlan > 4094))
    mistakes.push(`invalid VLAN ${vlan} (expected 1 to 4094)`);
  if (bridge !== undefined) return { kind: 'bridge', bridge };
  if (uplink === undefined) return { kind: 'own' };
  return vlan === undefined ? { kind: 'macvlan', uplink } : { kind: 'vlan', uplink, vlan };
}
