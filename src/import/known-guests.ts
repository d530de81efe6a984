import { findGuest } from '../desired/find-guest.ts';
import { allLiveDomains } from '../desired/running-guests.ts';
import { definedDomains, hostsFile, leaseFile, liveNetworkNames, networkFiles } from '../libvirt/files.ts';
import { type HostEntry, parseHostsFile, parseLeases } from '../libvirt/leases.ts';
import { parseNetworkXml } from '../libvirt/network.ts';
import type { Address } from '../model/address.ts';
import { exactKey } from '../model/guest-keys.ts';
import { paths } from '../model/paths.ts';
import { readRecords } from '../state/records.ts';
import { readFolder } from '../system/files.ts';

/** Which guest has an address: by its XML, a reservation, a lease, or what guestgate recorded of it. */
export async function guestsByAddress(): Promise<ReadonlyMap<Address, string>> {
  const found = new Map<Address, string>();
  const byMac = new Map<string, string>();
  const domains = [...allLiveDomains(), ...definedDomains()];
  const names = new Set(domains.map(({ name }) => name));
  for (const key of new Set(domains.map(exactKey))) {
    const { guest } = await findGuest(key);
    for (const { mac, addresses } of guest.nics) {
      if (mac !== undefined) byMac.set(mac, guest.name);
      for (const address of addresses) found.set(address, guest.name);
    }
  }
  for (const { mac, name, address } of await dhcpEntries()) {
    const guest = (mac && byMac.get(mac)) ?? (name !== undefined && names.has(name) ? name : undefined);
    if (guest !== undefined && !found.has(address)) found.set(address, guest);
  }
  for (const { address, otherAddress, guest } of readRecords())
    for (const own of [address, otherAddress?.address])
      if (own !== undefined && !found.has(own)) found.set(own, guest.name);
  return found;
}

/** Reservations first: a lease may be of an earlier time. */
async function dhcpEntries(): Promise<HostEntry[]> {
  const defined = readFolder(paths.libvirtNetworks).flatMap((file) =>
    file.endsWith('.xml') ? [file.slice(0, -'.xml'.length)] : [],
  );
  const reserved: HostEntry[] = [];
  const leased: HostEntry[] = [];
  for (const name of new Set([...liveNetworkNames(), ...defined])) {
    for (const { path, text } of networkFiles(name)) {
      if (text === undefined) continue;
      const { network } = await parseNetworkXml(text, path);
      reserved.push(...network.reservations);
      const leases = network.bridge === undefined ? undefined : leaseFile(network.bridge)?.text;
      if (leases !== undefined) leased.push(...parseLeases(leases));
    }
    reserved.push(...parseHostsFile(hostsFile(name)?.text ?? ''));
  }
  return [...reserved, ...leased];
}
