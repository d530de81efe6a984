import {
  type Address,
  baseOf,
  familyOf,
  isSingle,
  mergeNetworks,
  type Network,
  networkOf,
  parseAddress,
  parseNetwork,
} from '../model/address.ts';
import type { Guest, Nic } from '../model/guest.ts';
import { isMac } from '../model/mac.ts';
import type { Vif } from '../model/vif.ts';
import { parseXenstoreListing } from './xenstore-listing.ts';

/** An interface of a Xen domain, as its backend's nodes in xenstore tell (xen's docs/misc/xenstore-paths.pandoc). */
export interface XenInterface {
  readonly domain: number;
  /** The vif script's name, without its folder. */
  readonly script: string;
  readonly nic: Nic & { readonly tap: string; readonly vif: Vif };
}

/**
 * The interfaces of all domains, or of one.
 *
 * @param listing what xenstore-ls -f printed of `backend/vif`, or of a folder in it
 */
export function parseXenInterfaces(listing: string): XenInterface[] {
  const nics = new Map<string, Map<string, string>>();
  for (const [path, value] of parseXenstoreListing(listing)) {
    const [, numbers, node] = /(?:^|\/)backend\/vif\/(\d+\/\d+)\/([^/]+)$/.exec(path) ?? [];
    if (numbers === undefined || node === undefined) continue;
    const nodes = nics.get(numbers) ?? new Map<string, string>();
    nics.set(numbers, nodes.set(node, value));
  }
  const numbered = [...nics].map(([numbers, nodes]) => ({ numbers: numbers.split('/').map(Number), nodes }));
  // xenstore's order is none; a guest's is that of its configuration.
  numbered.sort(
    (a, b) => (a.numbers[0] ?? 0) - (b.numbers[0] ?? 0) || (a.numbers[1] ?? 0) - (b.numbers[1] ?? 0),
  );
  return numbered.map(({ numbers: [domain = 0, device = 0], nodes }) => {
    const script = nodes.get('script')?.split('/').at(-1) ?? '';
    return { domain, script, nic: nicOf(domain, device, script, (node) => nodes.get(node) ?? '') };
  });
}

function nicOf(
  domain: number,
  device: number,
  script: string,
  node: (name: string) => string,
): XenInterface['nic'] {
  const mac = node('mac').toLowerCase();
  const bridge = node('bridge');
  const way = traceOf(script);
  const given = node('ip').trim() || (script === 'vif-nat' ? natAddress(domain, device) : '');
  const { addresses, ...vif } = parseIp(given);
  return {
    tap: node('vifname') || `vif${domain}.${device}`,
    ...(isMac(mac) && { mac }),
    // A switch's name, with VLAN tags behind it, is no bridge of the kernel's.
    ...(way === 'bridged' && bridge !== '' && { bridge }),
    addresses,
    vif: { way, emulated: node('type') === 'vif_ioemu', ...vif },
  };
}

function traceOf(script: string): Vif['way'] {
  if (script === 'vif-openvswitch') return 'switched';
  return script === 'vif-route' || script === 'vif-nat' ? 'routed' : 'bridged';
}

/** vif-nat gives an interface without `ip=` an address of its own making. */
function natAddress(domain: number, device: number): string {
  return `10.${Math.floor(domain / 256) % 256}.${domain % 256}.${device + 1}`;
}

/**
 * `ip=` of an interface: addresses and networks, separated by blanks. An address with a length behind it (`10.0.0.7/16`, as
 * vif-nat has it) is that address, not its network.
 */
export function parseIp(text: string): Omit<Vif, 'way' | 'emulated'> & { readonly addresses: Address[] } {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  if (entries.length === 0) return { addresses: [] };
  const networks = entries.flatMap((entry) => networkOfEntry(entry) ?? []);
  const strange = entries.filter((entry) => networkOfEntry(entry) === undefined);
  return {
    addresses: networks.filter(isSingle).map(baseOf),
    sources: mergeNetworks(networks),
    ...(strange.length > 0 && { strange }),
  };
}

function networkOfEntry(entry: string): Network | undefined {
  const network = parseNetwork(entry);
  const address = parseAddress(entry.split('/')[0] ?? '');
  if (network === undefined || address === undefined || baseOf(network) === address) return network;
  return networkOf(address, familyOf(address) === 'ip' ? 32 : 128);
}

/**
 * A domain as a guest.
 *
 * @param name its own in xenstore
 * @param vm the path of its node there, which ends with its UUID
 * @param others the names of all domains; undefined: unknown
 */
export function xenGuest(
  name: string,
  vm: string,
  nics: readonly Nic[],
  others: ReadonlySet<string> | undefined,
): Guest {
  const uuid = /([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i.exec(vm)?.[1];
  return {
    driver: 'libxl',
    ...nameOf(name, others),
    ...(uuid !== undefined && { uuid: uuid.toLowerCase() }),
    nics,
  };
}

/**
 * While a guest arrives, xl calls it NAME--incoming, runs its vif scripts, and gives it its name last, before the guest runs: without
 * an event (xl_migrate.c, migrate_receive()). Where a guest of that name runs, it is another one, or the one that a migration within
 * the host is about to replace: what it has stays its own.
 */
function nameOf(name: string, others: ReadonlySet<string> | undefined): Pick<Guest, 'name' | 'arrivingAs'> {
  const arrivingAs = arrivingName(name);
  if (arrivingAs === undefined) return { name };
  return others?.has(arrivingAs) === false ? { name: arrivingAs } : { name, arrivingAs };
}

const arriving = '--incoming';

/** The name that a domain will have; undefined if it does not arrive. */
export function arrivingName(name: string): string | undefined {
  return name.endsWith(arriving) && name !== arriving ? name.slice(0, -arriving.length) : undefined;
}

/** What xl calls a guest while it arrives. */
export function nameWhileArriving(name: string): string {
  return `${name}${arriving}`;
}

/**
 * The guests in the listing of `/local/domain` that have a name: a domain that ends has none any more. Domain 0 is the host.
 */
export function parseXenDomains(listing: string): Guest[] {
  const nodes = parseXenstoreListing(listing);
  const named = namedDomains(nodes);
  const names = new Set(named.map(({ name }) => name));
  return named.map(({ id, name }) => xenGuest(name, nodes.get(`/local/domain/${id}/vm`) ?? '', [], names));
}

/** The names of all domains in that listing, as xenstore has them. */
export function parseXenNames(listing: string): ReadonlySet<string> {
  return new Set(namedDomains(parseXenstoreListing(listing)).map(({ name }) => name));
}

function namedDomains(nodes: ReadonlyMap<string, string>): { id: string; name: string }[] {
  return [...nodes].flatMap(([path, name]) => {
    const [, id] = /^\/local\/domain\/([1-9]\d*)\/name$/.exec(path) ?? [];
    return id === undefined || name === '' ? [] : [{ id, name }];
  });
}
