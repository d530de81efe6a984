import { absentNetworks } from '../desired/absent-guests.ts';
import type { Reading } from '../desired/host-reading.ts';
import { readUplinks, writeUplinks } from '../state/uplinks.ts';
import { bestEffort } from '../system/best-effort.ts';
import { changeNetworks, changesAbsence, wantedOfHost } from './change-networks.ts';
import { type PlanReading, readForPlan } from './plan-reading.ts';
import { locked } from './queue.ts';

/**
 * Drops what is for guests that do not run, as the files say now. Where that depends on addresses or default routes of the
 * host, later events and the watcher follow these.
 *
 * @param reading read without the lock: a reason to look with it
 * @returns whether rules were changed
 */
export async function applyAbsence(reading: PlanReading): Promise<boolean> {
  if (!changesAbsence(absentNetworks(reading)) && !isToBeFollowed(reading)) return false;
  return locked(async () => {
    const present = await readForPlan('no guest');
    followAbsence(present);
    const absent = absentNetworks(present);
    const changes = changesAbsence(absent);
    if (changes) await changeNetworks(absent, wantedOfHost(present));
    return changes;
  });
}

/** Whether what is dropped depends on the host, and no plan has noted the host's addresses and default routes yet. */
export function isToBeFollowed({ absent }: Pick<Reading, 'absent'>): boolean {
  return absent()?.followsHost === true && readUplinks() === undefined;
}

/** Notes the host as this plan has seen it. Needs the lock. */
export function followAbsence(reading: Pick<Reading, 'absent' | 'hostFacts'>): void {
  if (!isToBeFollowed(reading)) return;
  const facts = reading.hostFacts();
  if (facts !== undefined)
    bestEffort('noting the uplinks of the host', () => writeUplinks({ facts, holders: {} }));
}
