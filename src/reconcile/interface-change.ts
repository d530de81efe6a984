import { computeDesiredState } from '../desired/compute-desired-state.ts';
import type { DesiredState } from '../desired/desired-state.ts';
import { withDefinition } from '../desired/libvirt-definition.ts';
import { parseDomain } from '../libvirt/domain.ts';
import { readLiveDomain } from '../libvirt/files.ts';
import { liveStamp } from '../libvirt/live-stamp.ts';
import type { NetworkPort } from '../libvirt/network.ts';
import { type Family, familyOf } from '../model/address.ts';
import { type Guest, libvirtDrivers, type Nic, recordName } from '../model/guest.ts';
import { type InterfaceChoice, isSameInterfaceChoice } from '../model/interface-choice.ts';
import { type GuestRecord, readRecord } from '../state/records.ts';
import { lostNics, nicsAfter } from './changed-nics.ts';
import { readForPlan } from './plan-reading.ts';
import type { ApplyRequest, InterfaceChange, LostAddresses, RemoveRequest } from './request.ts';
import { requestFor } from './request-for.ts';

/*
 * Hot-plug. libvirt reports it only as a created or deleted network port. The same events occur before a guest's first
 * start, when it has no record, and after a restart of libvirtd, when no interface is new. Xen reports an interface that
 * goes offline.
 */

/**
 * Plans a guest again with one interface more or less.
 *
 * @param record the guest's record
 * @returns undefined if nothing changes
 */
export async function planInterfaceChange(
  record: GuestRecord,
  change: InterfaceChange,
): Promise<ApplyRequest | RemoveRequest | undefined> {
  const nics = nicsAfter(record.guest.nics, change);
  if (nics === undefined) return undefined;
  const guest = { ...record.guest, nics };
  const reading = await readForPlan(guest);
  const premise = { configuration: reading.stamp, record: record.generation };
  const domain = change.change === 'offline' ? await withDefinition(guest) : await withLiveXml(guest);
  if (domain === undefined) return undefined;
  const { networks } = reading.recorded();
  const found = await computeDesiredState(domain, reading, (name) => name in networks);
  const live = liveStamp(guest);
  const desired = {
    ...withoutLost(found, lostWith(lostNics(record.guest.nics, nics), record)),
    ...(live !== undefined && { outdatedFile: live }),
  };
  return requestFor(desired, premise, reading, { cause: 'interface', stage: 'all', interface: change });
}

/** The record of the guest that owns a network port. */
export function recordOfOwner({ owner }: NetworkPort): GuestRecord | undefined {
  const records = libvirtDrivers.map((driver) => readRecord(recordName({ driver, name: owner.name })));
  return records.find((record) => record !== undefined && isOwner(record.guest, owner));
}

function isOwner(guest: Guest, owner: NetworkPort['owner']): boolean {
  return owner.uuid === undefined || guest.uuid === undefined || guest.uuid === owner.uuid;
}

/** The guest with the metadata of its live XML, which does not show the interface change yet. */
async function withLiveXml(guest: Guest) {
  const xml = readLiveDomain(guest);
  return xml === undefined ? undefined : { ...(await parseDomain(guest.driver, xml, guest.name)), guest };
}

/** The addresses that the guest had on interfaces that it has lost. */
function lostWith(nics: readonly Nic[], record: GuestRecord): LostAddresses[] {
  const { address, addressMac, otherAddress, interfaceAddresses = [] } = record;
  const isOfThem = (mac: string | undefined) => nics.some((nic) => nic.mac === mac);
  const usual = [
    ...(address !== undefined && isOfThem(addressMac) ? [familyOf(address)] : []),
    ...(otherAddress !== undefined && isOfThem(otherAddress.mac) ? [familyOf(otherAddress.address)] : []),
  ];
  const chosen = interfaceAddresses.map(({ choice, addresses }) => ({
    choice,
    families: addresses.filter(({ mac }) => isOfThem(mac)).map((entry) => familyOf(entry.address)),
  }));
  return [{ families: usual }, ...chosen].filter(({ families }) => families.length > 0);
}

/** Rules for a lost address are removed if no other address is found. */
function withoutLost(found: DesiredState, lost: readonly LostAddresses[]): DesiredState {
  const without = (families: readonly Family[], choice?: InterfaceChoice) =>
    families.filter(
      (family) =>
        !lost.some((loss) => isSameInterfaceChoice(loss.choice, choice) && loss.families.includes(family)),
    );
  const unknownOn = (found.unknownOn ?? []).map(({ choice, families }) => ({
    choice,
    families: without(families, choice),
  }));
  const certain = found.certain || (lost.length > 0 && found.address === undefined);
  return { ...found, certain, unknown: without(found.unknown), unknownOn };
}
