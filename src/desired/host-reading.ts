import type { NicSurroundings } from '../libvirt/address-sources.ts';
import { liveNetworkFile, liveNetworkNames, type SoughtFile } from '../libvirt/files.ts';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import { type Address, type Family, familyOf } from '../model/address.ts';
import type { Element } from '../model/element.ts';
import type { Guest } from '../model/guest.ts';
import { policyKeys } from '../model/guest-keys.ts';
import type { NetworkElement } from '../model/network-element.ts';
import type { HostPolicy } from '../model/policy.ts';
import type { HostView } from '../planner/host-view.ts';
import type { AbsentPlan } from '../planner/plan-absent.ts';
import { publicSide } from '../planner/public-side.ts';
import { configurationStamp } from '../state/configuration-stamp.ts';
import { type HostState, readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { type CachedPolicies, readPolicyCache } from '../state/policy-cache.ts';
import { readUplinks } from '../state/uplinks.ts';
import { interfaceRoutes } from '../system/routes.ts';
import { factsText, type HeldAddress, type HostFacts, holdersOf, readHostFacts } from '../system/uplinks.ts';
import { absentGuests } from './absent-guests.ts';
import { type LoadedConfiguration, loadConfiguration, loadPoliciesOf } from './configuration.ts';
import { type BridgeFacts, networkElements } from './network-elements.ts';
import { networkNat } from './network-nat.ts';
import {
  leasesOn,
  networkByBridge,
  networkByName,
  parseDefinition,
  reservationsOf,
  surroundingsOf,
} from './nic-surroundings.ts';
import { plainNetworks } from './plain-networks.ts';

/** The contents of the host's files, each read once for all guests. */
export interface Reading {
  /** The stamp that the configuration's files had before they were read. */
  readonly stamp: string;
  readonly configuration: LoadedConfiguration;
  /** The families that any guest has had elements of. */
  readonly recordedFamilies: () => readonly Family[];
  /** What is in the kernel that belongs to no guest. */
  readonly recorded: () => HostState;
  /** The networks that a guest's interfaces are on. */
  readonly surroundingsOf: (guest: Guest) => Promise<NicSurroundings[]>;
  /** The networks that run, by name, as far as their definitions can be read, and the interfaces that tables name as such. */
  readonly liveNetworks: (except: (name: string) => boolean) => Promise<ReadonlyMap<string, LibvirtNetwork>>;
  /**
   * What a network needs in the kernel. Planned once for all guests that are on it.
   *
   * @param used the families that guests have elements of
   */
  readonly elementsOf: (network: LibvirtNetwork, used: readonly Family[]) => readonly NetworkElement[];
  /** The host's addresses that others can reach, by interface. */
  readonly ownAddresses: () => readonly HeldAddress[];
  /** What decides which addresses on guests' bridges are the host's own. */
  readonly bridgeFacts: () => BridgeFacts;
  /** The facts of the host that the configuration leaves open. */
  readonly hostView: () => HostView;
  /** `factsText()` of the host that `hostView` and `ownAddresses` showed; undefined: nothing has been asked of them yet. */
  readonly hostFacts: () => string | undefined;
  /** What is dropped while guests do not run; undefined if it is not known. */
  readonly absent: () => AbsentPlan | undefined;
  /** Why the back end cannot do what an element asks for; undefined where it can. */
  readonly lacks: (element: Element) => string | undefined;
}

/**
 * @param guest the only guest that will be asked for; undefined: any
 * @param policies the cached policies, if they have been read
 */
export async function readHost(guest?: Guest | 'no guest', policies?: CachedPolicies): Promise<Reading> {
  const known = guest === undefined ? undefined : (policies ?? readPolicyCache());
  const stamp = known?.stamp ?? configurationStamp();
  const configuration = await (guest === undefined
    ? loadConfiguration()
    : loadPoliciesOf(guest === 'no guest' ? [] : policyKeys(guest), known));
  const definitions = new Map<string, Promise<LibvirtNetwork | undefined>>();
  const read = (file: SoughtFile) => {
    const known = definitions.get(file.path) ?? parseDefinition(file);
    definitions.set(file.path, known);
    return known;
  };
  const byName = once((name: string) => networkByName(name, read));
  const running = once((_: string) => liveNetworkNames());
  const byBridge = once((bridge: string) => networkByBridge(bridge, running(''), read));
  const hosts = once(reservationsOf);
  const leases = once(leasesOn);
  let found: HostFacts | undefined;
  const facts = () => {
    found ??= readHostFacts();
    return found;
  };
  const view = hostView(configuration.host, facts);
  const hostState = once((_: string) => readHostState());
  const recorded = () => hostState('');
  const needed = once((_: string) => recordedFamilies());
  const absent = once((_: string) => absentGuests(configuration, recorded(), facts));
  const sources = {
    byName,
    byBridge,
    hosts,
    leases,
    isOwn: (address: Address) => facts().addresses.some((one) => one.address === address),
    routes: once(interfaceRoutes),
  };
  const planned = (used: readonly Family[]) =>
    once((network: LibvirtNetwork) => networkElements(network, networkNat(network, reading).elements, used));
  const [inIpv4, inBothFamilies] = [planned(['ip']), planned(['ip6'])];
  const reading: Reading = {
    stamp,
    configuration,
    recordedFamilies: () => needed(''),
    recorded,
    surroundingsOf: (guest) => Promise.all(guest.nics.map((nic) => surroundingsOf(nic, sources))),
    liveNetworks: async (except) => {
      const found = new Map<string, LibvirtNetwork>();
      for (const name of running('')) {
        const network = except(name) ? undefined : await read(liveNetworkFile(name));
        if (network !== undefined) found.set(network.name, network);
      }
      const isLibvirts = (name: string) => running('').includes(name);
      for (const network of plainNetworks(configuration.networks, isLibvirts))
        if (!except(network.name)) found.set(network.name, network);
      return found;
    },
    elementsOf: (network, used) => (used.includes('ip6') ? inBothFamilies : inIpv4)(network),
    ownAddresses: () => facts().addresses,
    bridgeFacts: () => ({
      own: facts().addresses,
      uplinks: [...(configuration.host.interfaces ?? []), ...Object.values(facts().defaultRoutes)],
    }),
    hostView: () => view,
    hostFacts: () => found && factsText(found),
    absent: () => absent(''),
    lacks: () => undefined,
  };
  return reading;
}

/** Calls a function once for each argument, and keeps its results. */
function once<Key, Result>(ask: (key: Key) => Result): (key: Key) => Result {
  const answers = new Map<Key, Result>();
  return (key) => {
    if (!answers.has(key)) answers.set(key, ask(key));
    return answers.get(key) as Result;
  };
}

function hostView({ addresses, interfaces, denyFrom }: HostPolicy, facts: () => HostFacts): HostView {
  const remembered = once((_: string) => readUplinks()?.holders ?? {});
  return {
    addresses: addresses ?? 'any',
    ...(denyFrom !== undefined && { denyFrom }),
    addressesOn: (name) =>
      facts()
        .addresses.filter((one) => one.interface === name)
        .map(({ address }) => address),
    interfacesOf: (address: Address) =>
      publicSide({
        holding: holdersOf(address, facts().addresses),
        heldLast: remembered('')[address] ?? [],
        configured: interfaces,
        defaultRoute: facts().defaultRoutes[familyOf(address)],
      }),
  };
}
