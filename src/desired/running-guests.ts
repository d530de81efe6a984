import { type Domain, parseDomain } from '../libvirt/domain.ts';
import { hasDriverFolder, liveDomainFiles, readLiveDomain } from '../libvirt/files.ts';
import { type Guest, type GuestId, libvirtDrivers, recordName } from '../model/guest.ts';
import { isNamedBy, parseGuestKey } from '../model/guest-keys.ts';
import { isLocalUnreadable, localGuests } from '../state/local-guests.ts';
import type { GuestRecord } from '../state/records.ts';
import { withVifs, xenGuests } from '../xen/running-guests.ts';
import { hasXenstore } from '../xen/xenstore.ts';
import { withDefinition } from './libvirt-definition.ts';

/** A guest that runs. */
export interface LiveGuest extends GuestId {
  /** The guest as xenstore describes it, the only description of a guest that xl started. */
  readonly xen?: Guest;
  /** The guest as it was declared: no hypervisor describes it. */
  readonly local?: Guest;
}

/** The live domains of every driver, and local guests. */
export function allLiveDomains(): LiveGuest[] {
  const domains: LiveGuest[] = libvirtDrivers.flatMap((driver) => liveDomainFiles(driver));
  const xen = xenGuests() ?? [];
  const others = xen.filter(({ name }) => !domains.some((one) => isNamed(one, name)));
  return [
    ...domains.map((one) => {
      const guest = xen.find(({ name }) => isNamed(one, name));
      return guest === undefined ? one : { ...one, xen: guest };
    }),
    ...others.map((guest) => ({ driver: guest.driver, name: guest.name, xen: guest })),
    ...localGuests().map(({ guest }) => ({ driver: guest.driver, name: guest.name, local: guest })),
  ];
}

function isNamed({ driver, name }: GuestId, domain: string): boolean {
  return driver === 'libxl' && name === domain;
}

/** A running guest by a key of its own: of a name, QEMU's guest, else another driver's. */
export function findLive(key: string): LiveGuest | undefined {
  const domains = allLiveDomains();
  const wanted = parseGuestKey(key);
  if ('name' in wanted) return domains.find((domain) => isNamedBy(key, domain));
  const { uuid } = wanted;
  return domains.find(
    (domain) => domain.xen?.uuid === uuid || readLiveDomain(domain)?.includes(`<uuid>${uuid}</uuid>`),
  );
}

/**
 * The description of a running guest; undefined if it has just ended.
 *
 * @throws UserError if its XML cannot be read
 */
export async function readDomain({ driver, name, xen, local }: LiveGuest): Promise<Domain | undefined> {
  if (local !== undefined) return { guest: local };
  const xml = readLiveDomain({ driver, name });
  if (xml === undefined) return xen && withDefinition(xen);
  const domain = await parseDomain(driver, xml, name);
  if (xen === undefined) return domain;
  return { ...domain, guest: { ...domain.guest, nics: withVifs(domain.guest.nics, xen.nics) } };
}

/**
 * A running guest with its present interfaces: libvirt calls hooks for an attached or detached one before its file shows it.
 *
 * @param stamp of the hypervisor's file, before it was read
 */
export function withChangedInterfaces<D extends Domain>(
  domain: D,
  record: Pick<GuestRecord, 'guest' | 'outdatedFile'> | undefined,
  stamp: string | undefined,
): D {
  if (record?.outdatedFile === undefined || record.outdatedFile !== stamp) return domain;
  return { ...domain, guest: { ...domain.guest, nics: record.guest.nics } };
}

/** Which guests run now. Folders are read once, xenstore once and only for guests that libvirt does not know. */
export interface Life {
  readonly isLive: (guest: GuestId) => boolean;
  /** Certainly not any more. */
  readonly isGone: (guest: GuestId) => boolean;
}

export function lookForLife(): Life {
  let asked = false;
  let answer: readonly Guest[] | undefined;
  const xen = () => {
    if (!asked) answer = xenGuests();
    asked = true;
    return answer;
  };
  const domains = [...libvirtDrivers.flatMap(liveDomainFiles), ...localGuests().map(({ guest }) => guest)];
  const known = new Set(domains.map(recordName));
  const lives = (guest: GuestId) =>
    known.has(recordName(guest)) ||
    (guest.driver === 'libxl' && xen()?.some(({ name }) => name === guest.name) === true);
  const isTold = (guest: GuestId) => {
    if (guest.driver === 'local') return !isLocalUnreadable(guest);
    return guest.driver === 'libxl' && hasXenstore() ? xen() !== undefined : hasDriverFolder(guest.driver);
  };
  return { isLive: lives, isGone: (guest) => !lives(guest) && isTold(guest) };
}
