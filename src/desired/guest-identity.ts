import { isDefinedFor } from '../libvirt/files.ts';
import type { Guest } from '../model/guest.ts';
import { policyKeys } from '../model/guest-keys.ts';

/**
 * The keys by which the files name a guest. Names are unique within a driver only: where QEMU has a guest of that name, the name
 * alone is that guest's.
 *
 * @param hasQemuGuest whether QEMU has a guest of a name
 */
export function keysInFiles(
  guest: Omit<Guest, 'nics'>,
  hasQemuGuest = (name: string) => isDefinedFor('qemu', name),
): string[] {
  const keys = policyKeys(guest);
  const name = guest.arrivingAs ?? guest.name;
  return guest.driver !== 'qemu' && keys.includes(name) && hasQemuGuest(name)
    ? keys.filter((key) => key !== name)
    : keys;
}
