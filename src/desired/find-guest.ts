import { parseDomain } from '../libvirt/domain.ts';
import { readPersistentDomain } from '../libvirt/files.ts';
import type { Guest } from '../model/guest.ts';
import type { XmlNode } from '../model/xml.ts';
import { findLive, readDomain } from './running-guests.ts';

/** The guest that a name or UUID means. */
export interface GuestFound {
  readonly guest: Guest;
  readonly metadata?: XmlNode;
  readonly running: boolean;
  /** Whether there is a definition that its next start will use. */
  readonly defined: boolean;
}

/**
 * A guest by name or UUID, running or not. A guest that libvirt does not know has that name: its policy may be written
 * before the guest is defined.
 */
export async function findGuest(nameOrUuid: string): Promise<GuestFound> {
  const live = findLive(nameOrUuid);
  const defined = readPersistentDomain(live?.name ?? nameOrUuid);
  const running = live && (await readDomain(live));
  if (running !== undefined)
    return { ...running, running: true, defined: defined?.guest.driver === running.guest.driver };
  if (defined === undefined)
    return { guest: { driver: 'qemu', name: nameOrUuid, nics: [] }, running: false, defined: false };
  const { guest, xml } = defined;
  return { ...(await parseDomain(guest.driver, xml, guest.name)), running: false, defined: true };
}
