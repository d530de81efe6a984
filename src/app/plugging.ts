import { parseDomain } from '../events/domain.ts';
import type { NetworkPort } from '../events/network.ts';
import { familyOf } from '../model/address.ts';
import { type Guest, guestDrivers } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { readLiveDomain } from '../system/libvirt-files.ts';
import { type Record, readRecord, recordName } from '../system/records.ts';
import { assertOpen } from './networks.ts';
import { type Gone, open } from './opening.ts';
import type { Outcome } from './outcome.ts';

/**
 * Plans the guest anew that a card was plugged into or pulled from. Before its first start there is no record,
 * after a restart of libvirtd no new card. Its live XML does not show the change yet, but holds its metadata.
 */
export async function replug(port: NetworkPort | undefined, reaction: 'plug' | 'unplug'): Promise<Outcome> {
  const record = port && recordOfOwner(port);
  if (record === undefined || port === undefined) return { level: 'debug', message: 'no guest of ours' };
  const known = record.guest.nics.some((nic) => nic.mac === port.nic.mac);
  if (known === (reaction === 'plug')) return assertOpen();
  const xml = readLiveDomain(record.guest);
  if (xml === undefined) return assertOpen();
  const others = record.guest.nics.filter((nic) => nic.mac !== port.nic.mac);
  const guest = { ...record.guest, nics: reaction === 'plug' ? [...others, port.nic] : others };
  const domain = { ...(await parseDomain(guest.driver, xml, guest.name)), guest };
  const outcome = await open(domain, 'open', goneWith(port.nic.mac, record));
  return { ...outcome, message: `guest ${quoted(guest.name)}: ${outcome.message}` };
}

/** The addresses that are on a card. */
export function goneWith(mac: string | undefined, record: Record): Gone[] {
  const { address, addressMac, otherAddress, cardAddresses = [] } = record;
  const usual = [
    ...(address !== undefined && addressMac === mac ? [familyOf(address)] : []),
    ...(otherAddress !== undefined && otherAddress.mac === mac ? [familyOf(otherAddress.address)] : []),
  ];
  const chosen = cardAddresses.map(({ card, addresses }) => ({
    card,
    families: addresses.filter((one) => one.mac === mac).map((one) => familyOf(one.address)),
  }));
  return [{ families: usual }, ...chosen].filter(({ families }) => families.length > 0);
}

function recordOfOwner({ owner }: NetworkPort): Record | undefined {
  const records = guestDrivers.map((driver) => readRecord(recordName({ driver, name: owner.name })));
  return records.find((record) => record !== undefined && isOwner(record.guest, owner));
}

function isOwner(guest: Guest, owner: NetworkPort['owner']): boolean {
  return owner.uuid === undefined || guest.uuid === undefined || guest.uuid === owner.uuid;
}
