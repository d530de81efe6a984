import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type GuestDriver, type GuestId, type LibvirtDriver, libvirtDrivers } from '../model/guest.ts';
import { parseGuestKey } from '../model/guest-keys.ts';
import { paths } from '../model/paths.ts';
import { readFolder, readText } from '../system/files.ts';
import { isFileName } from './live-stamp.ts';

/** A domain that has a status file. */
export type LiveDomain = GuestId;

/** A file that was looked for. */
export interface SoughtFile {
  readonly path: string;
  readonly text?: string;
}

/** The status files of the domains that run, as libvirt keeps them. Reading files asks no daemon, so no hook can block. */
export function liveDomainFiles(driver: GuestDriver): LiveDomain[] {
  return readFolder(join(paths.libvirtRun, driver))
    .filter((file) => file.endsWith('.xml'))
    .map((file) => ({ driver, name: file.slice(0, -'.xml'.length) }));
}

/** The live definition of a network, and the persistent one. */
export function networkFiles(network: string): SoughtFile[] {
  return isFileName(network)
    ? [sought(paths.libvirtRun, 'network', `${network}.xml`), sought(paths.libvirtNetworks, `${network}.xml`)]
    : [];
}

/** The names of the networks that run. */
export function liveNetworkNames(): string[] {
  return readFolder(join(paths.libvirtRun, 'network')).flatMap((file) =>
    file.endsWith('.xml') ? [file.slice(0, -'.xml'.length)] : [],
  );
}

/** The live definition of a network that runs. */
export function liveNetworkFile(name: string): SoughtFile {
  return sought(paths.libvirtRun, 'network', `${name}.xml`);
}

/** dnsmasq's reservations of a network. */
export function hostsFile(network: string): SoughtFile | undefined {
  return isFileName(network) ? sought(paths.dnsmasq, `${network}.hostsfile`) : undefined;
}

/** dnsmasq's leases on a bridge: libvirt's, or those of the host's own. */
export function leaseFile(bridge: string): SoughtFile | undefined {
  if (!isFileName(bridge)) return undefined;
  const own = sought(paths.dnsmasq, `${bridge}.status`);
  if (own.text !== undefined) return own;
  return paths.hostLeases.map((path) => sought(path)).find(({ text }) => text !== undefined) ?? own;
}

/** One that cannot be read tells no more than one that is not there. */
function sought(...path: readonly string[]): SoughtFile {
  const joined = join(...path);
  try {
    const text = readText(joined);
    return { path: joined, ...(text !== undefined && { text }) };
  } catch {
    return { path: joined };
  }
}

/** The definition of a domain that may not run, by the key of a guest: of a name, the qemu driver's, else another's. */
export function readPersistentDomain(
  key: string,
): { guest: { driver: LibvirtDriver; name: string }; xml: string } | undefined {
  const wanted = parseGuestKey(key);
  const tag = 'name' in wanted ? undefined : `<uuid>${wanted.uuid}</uuid>`;
  const drivers = libvirtDrivers.filter(
    (driver) => !('name' in wanted) || wanted.driver === undefined || wanted.driver === driver,
  );
  for (const driver of drivers) {
    const folder = join(paths.libvirtDomains, driver);
    for (const file of readFolder(folder).filter((name) => name.endsWith('.xml'))) {
      const name = file.slice(0, -'.xml'.length);
      if ('name' in wanted && name !== wanted.name) continue;
      const xml = readText(join(folder, file));
      if (xml !== undefined && (tag === undefined || xml.includes(tag)))
        return { guest: { driver, name }, xml };
    }
  }
  return undefined;
}

/** All domains that are defined, of every driver. */
export function definedDomains(): GuestId[] {
  return libvirtDrivers.flatMap((driver) =>
    readFolder(join(paths.libvirtDomains, driver)).flatMap((file) =>
      file.endsWith('.xml') ? { driver, name: file.slice(0, -'.xml'.length) } : [],
    ),
  );
}

/** Whether libvirt is on this host at all. */
export function hasLibvirt(): boolean {
  return existsSync(paths.libvirtDomains) || existsSync(paths.libvirtRun);
}

/** Whether libvirt keeps status files for this driver here. */
export function hasDriverFolder(driver: GuestDriver): boolean {
  return existsSync(join(paths.libvirtRun, driver));
}

/** Whether a domain has a status file now. */
export function isLive({ driver, name }: GuestId): boolean {
  return isFileName(name) && existsSync(join(paths.libvirtRun, driver, `${name}.xml`));
}

/** The status file of a domain that runs. */
export function readLiveDomain({ driver, name }: GuestId): string | undefined {
  return isFileName(name) ? readText(join(paths.libvirtRun, driver, `${name}.xml`)) : undefined;
}

/** Whether libvirt has a domain of that name for this driver, running or not. */
export function isDefinedFor(driver: GuestDriver, name: string): boolean {
  const isFile = isFileName(name) && existsSync(join(paths.libvirtDomains, driver, `${name}.xml`));
  return isFile || isLive({ driver, name });
}
