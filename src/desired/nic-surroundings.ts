import type { NicSurroundings } from '../libvirt/address-sources.ts';
import { hostsFile, leaseFile, liveNetworkFile, networkFiles, type SoughtFile } from '../libvirt/files.ts';
import { parseHostsFile, parseLeases } from '../libvirt/leases.ts';
import { type LibvirtNetwork, parseNetworkXml } from '../libvirt/network.ts';
import { type Address, type Family, familyOf } from '../model/address.ts';
import type { Nic } from '../model/guest.ts';
import { type InterfaceRoute, interfaceTo } from '../system/routes.ts';

/** A network, and the files that were looked for. */
export interface NetworkFound {
  readonly network?: LibvirtNetwork;
  readonly files: readonly string[];
}

/** How the files are read: each once for all guests. */
export interface Sources {
  readonly byName: (name: string) => Promise<NetworkFound>;
  readonly byBridge: (bridge: string) => Promise<NetworkFound>;
  readonly hosts: typeof reservationsOf;
  readonly leases: typeof leasesOn;
  /** Whether an address is one of the host's own. */
  readonly isOwn: (address: Address) => boolean;
  readonly routes: (family: Family) => readonly InterfaceRoute[];
}

/** What the host's files say about the network of an interface. */
export async function surroundingsOf(nic: Nic, sources: Sources): Promise<NicSurroundings> {
  const { network, files } = await networkOf(nic, sources);
  const bridge = nic.bridge ?? network?.bridge;
  const hosts = network === undefined ? undefined : sources.hosts(network.name);
  const leases = bridge === undefined ? undefined : sources.leases(bridge);
  // The host's facts are read only for networks that libvirt does not look after.
  const { isOwn, routes } = sources;
  return {
    ...((network?.gateways.length ?? 0) === 0 && { isOwn }),
    isRouted: (address) => {
      const way = interfaceTo(address, routes(familyOf(address)));
      return way !== undefined && (way === bridge || way === nic.tap);
    },
    nic: bridge === undefined ? nic : { ...nic, bridge },
    networkFiles: files,
    ...(network !== undefined && { network }),
    ...(hosts !== undefined && { hostsFile: hosts }),
    ...(leases !== undefined && { leases }),
  };
}

export function reservationsOf(network: string): NicSurroundings['hostsFile'] {
  const file = hostsFile(network);
  if (file?.text === undefined) return file;
  return { path: file.path, entries: parseHostsFile(file.text) };
}

export function leasesOn(bridge: string): NicSurroundings['leases'] {
  const file = leaseFile(bridge);
  if (file?.text === undefined) return file;
  return { path: file.path, list: parseLeases(file.text) };
}

/** An interface that names only its bridge may sit on a libvirt network's all the same. */
async function networkOf({ network, bridge }: Nic, { byName, byBridge }: Sources): Promise<NetworkFound> {
  if (network !== undefined) return byName(network);
  return bridge === undefined ? { files: [] } : byBridge(bridge);
}

type Read = (file: SoughtFile) => Promise<LibvirtNetwork | undefined>;

/** The live definition, with the reservations of the persistent one behind its own. */
export async function networkByName(name: string, read: Read): Promise<NetworkFound> {
  const sought = networkFiles(name);
  const files = sought.map(({ path }) => path);
  const found = (await Promise.all(sought.map(read))).filter((network) => network !== undefined);
  const [first] = found;
  if (first === undefined) return { files };
  return { network: { ...first, reservations: found.flatMap((network) => network.reservations) }, files };
}

export async function networkByBridge(
  bridge: string,
  running: readonly string[],
  read: Read,
): Promise<NetworkFound> {
  for (const file of running.map(liveNetworkFile)) {
    const network = await read(file);
    if (network?.bridge === bridge) return { network, files: [file.path] };
  }
  return { files: [] };
}

/** A definition that cannot be read is ignored: the guest's address is searched for elsewhere. */
export async function parseDefinition({ path, text }: SoughtFile): Promise<LibvirtNetwork | undefined> {
  if (text === undefined) return undefined;
  try {
    return (await parseNetworkXml(text, path)).network;
  } catch {
    return undefined;
  }
}
