import type { Reading } from '../desired/host-reading.ts';
import type { Guest } from '../model/guest.ts';
import { type LeasesAtStart, readLeasesAtStart, writeLeasesAtStart } from '../state/leases-at-start.ts';
import { bestEffort } from '../system/best-effort.ts';

/**
 * Notes the leases that there are for interfaces which cannot have asked for one yet. Without the note, each of them
 * counts as one that the guest uses.
 *
 * @param guest with these interfaces only
 * @param how `start`: the guest starts, earlier notes go; `attach`: notes of these interfaces on their networks are replaced;
 *   `missing`: only interfaces without a note get one
 * @returns whether anything was written
 */
export async function noteLeases(
  guest: Guest,
  reading: Pick<Reading, 'surroundingsOf'>,
  how: 'start' | 'attach' | 'missing',
): Promise<boolean> {
  const noted = how === 'start' ? [] : readLeasesAtStart(guest);
  const found = (await reading.surroundingsOf(guest)).flatMap(({ nic, leases }): LeasesAtStart[] => {
    const { mac, network } = nic;
    if (mac === undefined || leases === undefined) return [];
    const where = network === undefined ? {} : { network };
    return [{ mac, ...where, leases: (leases.list ?? []).filter((lease) => lease.mac === mac) }];
  });
  const isNoted = (one: LeasesAtStart) => noted.some((other) => isSameInterface(other, one));
  const added = how === 'missing' ? found.filter((one) => !isNoted(one)) : found;
  if (added.length === 0) return false;
  const others = noted.filter((one) => !added.some((other) => isSameInterface(other, one)));
  let isWritten = false;
  bestEffort('noting the leases that there are at the start', () => {
    writeLeasesAtStart(guest, [...others, ...added]);
    isWritten = true;
  });
  return isWritten;
}

function isSameInterface(one: LeasesAtStart, other: LeasesAtStart): boolean {
  return one.mac === other.mac && one.network === other.network;
}
