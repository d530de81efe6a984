import { runOf } from '../desired/guest-run.ts';
import { readHost } from '../desired/host-reading.ts';
import { metadataBounds } from '../desired/metadata-bounds.ts';
import { verifiedAddresses } from '../desired/verified-addresses.ts';
import { aboutGuest, describeFinding, findingsOf } from '../model/finding.ts';
import type { Guest } from '../model/guest.ts';
import type { GuestPolicy } from '../model/policy.ts';
import { limitMetadata } from '../policy/limit-metadata.ts';

/** What guestgate would leave out of a guest's metadata after a change, and did not leave out before: texts for the user. */
export async function newlyNotGranted(
  guest: Guest,
  before: GuestPolicy,
  after: GuestPolicy,
): Promise<string[]> {
  const reading = await readHost();
  const verified = verifiedAddresses(guest, await reading.surroundingsOf(guest), runOf(guest));
  const bounds = await metadataBounds(guest, reading, reading.hostView(), verified);
  const known = new Set(limitMetadata(before, bounds).refused.map(({ problem }) => problem));
  const added = limitMetadata(after, bounds).refused.filter(({ problem }) => !known.has(problem));
  return findingsOf(aboutGuest(guest, 'metadata in the domain XML'), added).map(describeFinding);
}
