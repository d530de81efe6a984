import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { hasGuestState } from './has-rules.ts';
import { submit } from './queue.ts';

/**
 * A guest has ended: all that its record holds is removed, and the record. What its configuration or XML say by now does
 * not matter.
 *
 * @returns what there was
 */
export async function close({ driver, name }: GuestId): Promise<readonly Element[]> {
  const guest = { driver, name };
  return hasGuestState(guest) ? (await submit({ kind: 'remove', guest, ended: true })).elements : [];
}
