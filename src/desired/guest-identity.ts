import { isDefinedFor } from '../libvirt/files.ts';
import type { Guest } from '../model/guest.ts';
import { guestKeys } from '../model/guest-keys.ts';

/**
 * The keys by which the files name a guest. Names are unique within a driver only: where QEMU has a guest of that name, the name
 * alone is that guest's.
 */
export function keysInFiles(guest: Guest): string[] {
  const keys = guestKeys(guest);
  return guest.driver !== 'qemu' && keys.includes(guest.name) && isDefinedFor('qemu', guest.name)
    ? keys.filter((key) => key !== guest.name)
    : keys;
}
