import type { Element } from '../model/element.ts';
import type { GuestId } from '../model/guest.ts';
import { hasGuestState } from './has-rules.ts';
import { submit } from './queue.ts';

/**
 * Removes the rules and the record of a guest that has ended, whatever its configuration or XML say now.
 *
 * @returns the removed elements
 */
export async function close({ driver, name }: GuestId): Promise<readonly Element[]> {
  const guest = { driver, name };
  return hasGuestState(guest) ? (await submit({ kind: 'remove', guest, ended: true })).elements : [];
}
