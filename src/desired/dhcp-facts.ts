import { addressSources } from '../libvirt/address-sources.ts';
import { families } from '../model/address.ts';
import type { GuestRecord } from '../state/records.ts';
import { runOf } from './guest-run.ts';
import type { Reading } from './host-reading.ts';

/**
 * The addresses that leases and reservations give a guest's interfaces, and the generation of its record, as a text: while
 * it is the same, no lease asks for another plan.
 */
export async function dhcpFacts(
  { guest, generation }: GuestRecord,
  reading: Pick<Reading, 'surroundingsOf'>,
): Promise<string> {
  const surroundings = await reading.surroundingsOf(guest);
  const run = runOf(guest);
  const sources = surroundings.flatMap((around) =>
    families.flatMap((family) => addressSources(guest, around, family, run)),
  );
  return JSON.stringify([generation, sources.map(({ kind, addresses }) => [kind, addresses])]);
}
