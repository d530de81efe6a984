import { parseDomain } from '../libvirt/domain.ts';
import { readPersistentDomain } from '../libvirt/files.ts';
import type { Guest } from '../model/guest.ts';
import { exactKey, parseGuestKey } from '../model/guest-keys.ts';
import type { XmlNode } from '../model/xml.ts';
import { findLive, readDomain } from './running-guests.ts';

/** The guest that a key means. */
export interface GuestFound {
  readonly guest: Guest;
  readonly metadata?: XmlNode;
  readonly running: boolean;
  /** Whether there is a definition that its next start will use. */
  readonly defined: boolean;
}

/**
 * A guest by name, driver and name, or UUID, running or not. A guest that libvirt does not know has that name: its policy may
 * be written before the guest is defined.
 */
export async function findGuest(key: string): Promise<GuestFound> {
  const live = findLive(key);
  const defined = readPersistentDomain(live === undefined ? key : exactKey(live));
  const running = live && (await readDomain(live));
  if (running !== undefined) return { ...running, running: true, defined: defined !== undefined };
  if (defined === undefined) {
    const wanted = parseGuestKey(key);
    const named = 'name' in wanted ? wanted : { name: key };
    return { guest: { driver: 'qemu', ...named, nics: [] }, running: false, defined: false };
  }
  const { guest, xml } = defined;
  return { ...(await parseDomain(guest.driver, xml, guest.name)), running: false, defined: true };
}
