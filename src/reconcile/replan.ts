import { computeDesiredState } from '../desired/compute-desired-state.ts';
import {
  allLiveDomains,
  type LiveGuest,
  lookForLife,
  readDomain,
  withChangedInterfaces,
} from '../desired/running-guests.ts';
import type { GuestId } from '../model/guest.ts';
import { recordName } from '../model/guest.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { type GuestRecord, readRecord } from '../state/records.ts';
import { planInterfaceChange } from './interface-change.ts';
import { type PlanReading, readForPlan } from './plan-reading.ts';
import { premiseOf } from './premise.ts';
import type { ApplyRequest, RemoveRequest } from './request.ts';
import { requestFor } from './request-for.ts';

/** Whether the hypervisor lists a guest as running, and it has not ended. */
export function isListed(guest: GuestId): boolean {
  return !hasEnded(guest) && lookForLife().isLive(guest);
}

/** Makes a plan again from the present. Needs the lock. */
export async function planAgain(request: ApplyRequest): Promise<ApplyRequest | RemoveRequest | undefined> {
  const { desired, cause, stage, domain } = request;
  const { guest } = desired;
  switch (cause) {
    case 'start': {
      if (domain === undefined) return request;
      const reading = await readForPlan(guest);
      const { networks } = reading.recorded();
      const premise = { configuration: reading.stamp };
      const again = await computeDesiredState(domain, reading, (name) => name in networks);
      return requestFor(again, premise, reading, { cause, stage, domain });
    }
    case 'interface': {
      const record = readRecord(recordName(guest));
      const change = request.interface;
      if (record === undefined || change === undefined) return undefined;
      return planInterfaceChange(record, change);
    }
    case 'lease':
      return readRecord(recordName(guest)) === undefined ? undefined : planNow(guest, cause);
    case 'command':
      return planNow(guest, cause);
  }
}

/** Plans a guest from the hypervisor's current files. */
export async function planNow(
  guest: GuestId,
  cause: 'command' | 'lease' = 'command',
): Promise<ApplyRequest | RemoveRequest | undefined> {
  const life = lookForLife();
  const live = allLiveDomains().find(({ driver, name }) => driver === guest.driver && name === guest.name);
  if (live === undefined || hasEnded(guest)) {
    const isOver = hasEnded(guest) || life.isGone(guest);
    return isOver
      ? { kind: 'remove', guest: { driver: guest.driver, name: guest.name }, ended: true }
      : undefined;
  }
  return planLive(live, await readForPlan(), cause);
}

/**
 * Plans a running guest.
 *
 * @returns undefined if it has just ended
 * @throws UserError if its XML cannot be read
 */
export async function planLive(
  live: LiveGuest,
  reading: PlanReading,
  cause: 'command' | 'lease',
  before: GuestRecord | undefined = readRecord(recordName(live)),
): Promise<ApplyRequest | RemoveRequest | undefined> {
  const premise = premiseOf(live, reading.stamp, before);
  const found = await readDomain(live);
  if (found === undefined) return undefined;
  const domain = withChangedInterfaces(found, before, premise.live);
  const outdated = domain === found ? {} : { outdatedFile: premise.live ?? '' };
  const desired = { ...(await computeDesiredState(domain, reading, () => true)), ...outdated };
  return requestFor(desired, premise, reading, { cause, stage: 'all' });
}
