import { existsSync } from 'node:fs';
import type { LibvirtNetwork } from '../libvirt/network.ts';
import type { Address } from '../model/address.ts';
import type { Guest } from '../model/guest.ts';
import type { GuestPolicyFound, HostPolicy, MetadataGrants } from '../model/policy.ts';
import type { HostView } from '../planner/host-view.ts';
import type { FilePolicy } from '../policy/file-claims.ts';
import type { MetadataBounds, ReservedAt } from '../policy/limit-metadata.ts';
import { listeningPorts } from '../system/listening-ports.ts';
import { holdersOf } from '../system/uplinks.ts';
import { loadConfiguration } from './configuration.ts';
import { keysInFiles } from './guest-identity.ts';
import type { Reading } from './host-reading.ts';

/**
 * What limits the metadata of a guest, as the host and the files are now.
 *
 * @param view notes what it is asked for: where the host's addresses change, the guest is planned again
 * @param verified the addresses that the host knows the guest to have
 */
export async function metadataBounds(
  guest: Guest,
  reading: Reading,
  view: HostView,
  verified: readonly Address[],
): Promise<MetadataBounds> {
  const { host, guests } = reading.configuration;
  const inFiles = guests instanceof Map ? guests : (await loadConfiguration()).guests;
  const others = filePolicies(inFiles, keysInFiles(guest), view);
  const networks = [...(await reading.liveNetworks(() => false)).values()];
  const ofFiles = new Set(others.flatMap(({ policy }) => policy.addresses ?? []));
  return {
    grants: grantsOf(host, guest),
    reserved: reservedOf(host, networks),
    isPublic: (address) => {
      view.interfacesOf(address);
      return isPublic(address, reading, networks);
    },
    addressesOn: view.addressesOn,
    isOwn: (address) => verified.includes(address) && !ofFiles.has(address),
    files: others,
  };
}

const noGrants: MetadataGrants = { keys: [], ports: [], addresses: [] };

function grantsOf({ metadataGrants: grants = noGrants }: HostPolicy, guest: Guest): MetadataGrants {
  const keys = keysInFiles(guest);
  return grants.guests === undefined || grants.guests.some((key) => keys.includes(key)) ? grants : noGrants;
}

/** A policy with a mistake is not applied, so that it takes nothing either. */
function filePolicies(
  guests: ReadonlyMap<string, GuestPolicyFound>,
  own: readonly string[],
  { addressesOn }: HostView,
): FilePolicy[] {
  return [...guests].flatMap(([guest, { policy, problems }]) =>
    own.includes(guest) || problems.length > 0 ? [] : [{ guest, policy, addressesOn }],
  );
}

const ssh = { first: 22, last: 22 };

/** What the gateways of libvirt's networks listen on is theirs: no forward for any address takes it. */
function reservedOf({ reserved }: HostPolicy, networks: readonly LibvirtNetwork[]): ReservedAt[] {
  if (reserved !== undefined) return reserved.map((one) => ({ ...one, why: '[host] reserves' }));
  const gateways = networks.flatMap((network) => network.gateways.map(({ address }) => address));
  const listened = listeningPorts().filter(
    ({ address }) => address === undefined || !gateways.includes(address),
  );
  return [
    { ports: ssh, why: 'guestgate reserves' },
    ...listened.map(({ port, ...one }) => ({
      ...one,
      ports: { first: port, last: port },
      why: 'the host itself listens on',
    })),
  ];
}

/** An address of the host's that its guests know as their gateway is none. */
function isPublic(address: Address, reading: Reading, networks: readonly LibvirtNetwork[]): boolean {
  const { host } = reading.configuration;
  if (host.addresses !== undefined) return host.addresses.includes(address);
  const holders = holdersOf(address, reading.ownAddresses());
  if (host.interfaces !== undefined) return holders.some((name) => host.interfaces?.includes(name));
  const { uplinks } = reading.bridgeFacts();
  return holders.some(
    (name) =>
      uplinks.includes(name) ||
      !(networks.some(({ bridge }) => bridge === name) || existsSync(`/sys/class/net/${name}/bridge`)),
  );
}
