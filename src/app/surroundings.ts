import type { NicSurroundings } from '../events/addresses.ts';
import { type LibvirtNetwork, parseNetworkXml } from '../events/network.ts';
import type { NetworkElement } from '../model/element.ts';
import type { Guest, Nic } from '../model/guest.ts';
import { isInterfaceName } from '../model/interface-name.ts';
import {
  hostsFile,
  leaseFile,
  liveNetworkFiles,
  networkFiles,
  type SoughtFile,
} from '../system/libvirt-files.ts';

/** What the host's files say about the networks that a guest's cards are on. */
export function surroundingsOf(guest: Guest): NicSurroundings[] {
  return guest.nics.map((nic) => {
    const { network, files } = nic.network === undefined ? networkByBridge(nic) : networkByName(nic.network);
    const bridge = nic.bridge ?? network?.bridge;
    const hosts = network === undefined ? undefined : hostsFile(network.name);
    const leases = bridge === undefined ? undefined : leaseFile(bridge);
    return {
      nic: bridge === undefined ? nic : { ...nic, bridge },
      networkFiles: files.map(({ path }) => path),
      ...(network !== undefined && { network }),
      ...(hosts !== undefined && { hostsFile: hosts }),
      ...(leases !== undefined && { leases }),
    };
  });
}

/** The live definition, with the reservations of the persistent one behind its own. */
function networkByName(name: string): { network?: LibvirtNetwork; files: SoughtFile[] } {
  const files = networkFiles(name);
  const [first, ...rest] = files.flatMap(readNetwork);
  if (first === undefined) return { files };
  const reservations = [first, ...rest].flatMap((network) => network.reservations);
  return { network: { ...first, reservations }, files };
}

/** A card that names only its bridge may sit on a libvirt network's all the same. */
function networkByBridge(nic: Nic): { network?: LibvirtNetwork; files: SoughtFile[] } {
  if (nic.bridge === undefined) return { files: [] };
  for (const file of liveNetworkFiles()) {
    const network = readNetwork(file).find(({ bridge }) => bridge === nic.bridge);
    if (network !== undefined) return { network, files: [file] };
  }
  return { files: [] };
}

/** A definition that cannot be read tells nothing: the guest's address is looked for elsewhere then. */
function readNetwork({ path, text }: SoughtFile): LibvirtNetwork[] {
  if (text === undefined) return [];
  try {
    return [parseNetworkXml(text, path).network];
  } catch {
    return [];
  }
}

/** What a network needs in the kernel, whichever guests are on it. */
export function networkElements({
  bridge,
  gateways,
}: Pick<LibvirtNetwork, 'bridge' | 'gateways'>): NetworkElement[] {
  return [
    ...(bridge === undefined || !isInterfaceName(bridge) ? [] : [{ kind: 'hairpin' as const, bridge }]),
    ...gateways.flatMap(({ address }) =>
      address.includes(':') ? [] : [{ kind: 'gateway' as const, address }],
    ),
  ];
}

/** The networks that run, by name, as far as their definitions can be read. */
export function liveNetworks(except: (name: string) => boolean): { [name: string]: NetworkElement[] } {
  const found: { [name: string]: NetworkElement[] } = Object.create(null);
  for (const file of liveNetworkFiles()) {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1, -'.xml'.length);
    const network = except(name) ? undefined : readNetwork(file)[0];
    if (network !== undefined) found[name] = networkElements(network);
  }
  return found;
}
