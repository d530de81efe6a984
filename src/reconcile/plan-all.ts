import { computeDesiredState } from '../desired/compute-desired-state.ts';
import type { DesiredState } from '../desired/desired-state.ts';
import { type LiveGuest, readDomain, withChangedInterfaces } from '../desired/running-guests.ts';
import { liveStamp } from '../libvirt/live-stamp.ts';
import { aboutGuest, type Finding, failure } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { hasEnded } from '../state/ended-guests.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import type { PlanReading } from './plan-reading.ts';
import { planLive } from './replan.ts';
import type { ApplyRequest, RemoveRequest } from './request.ts';

/** Is called before each step of what may take long. @param doing what follows, for a person */
export type Begin = (doing: string) => void;

/**
 * Plans all running guests, except those whose domain cannot be read. Guests that have reported their end are left out,
 * even if the hypervisor still lists them.
 */
export async function planAll(
  domains: readonly LiveGuest[],
  reading: PlanReading,
  cause: 'command' | 'lease' = 'command',
  begin: Begin = () => {},
): Promise<{ requests: (ApplyRequest | RemoveRequest)[]; unreadable: Finding[] }> {
  const requests: (ApplyRequest | RemoveRequest)[] = [];
  const recordOf = recordsFor(domains);
  const unreadable = await forEach(
    domains,
    async (domain) => {
      const request = await planLive(domain, reading, cause, recordOf(recordName(domain)));
      if (request !== undefined) requests.push(request);
    },
    begin,
  );
  return { requests, unreadable };
}

/** Above this number of guests, all records are read together. */
const many = 20;

function recordsFor(domains: readonly LiveGuest[]): (name: string) => GuestRecord | undefined {
  if (domains.length <= many) return readRecord;
  const byName = new Map(readRecords().map((record) => [recordName(record.guest), record]));
  return (name) => byName.get(name);
}

/** The desired state of each guest. */
export async function computeDesiredStates(
  domains: readonly LiveGuest[],
  reading: PlanReading,
  recordOf: (name: string) => GuestRecord | undefined,
  begin: Begin = () => {},
): Promise<{ desired: DesiredState[]; unreadable: Finding[] }> {
  const desired: DesiredState[] = [];
  const unreadable = await forEach(
    domains,
    async (domain) => {
      const stamp = liveStamp(domain);
      const found = await readDomain(domain);
      if (found === undefined) return;
      const known = withChangedInterfaces(found, recordOf(recordName(domain)), stamp);
      desired.push(await computeDesiredState(known, reading, () => true));
    },
    begin,
  );
  return { desired, unreadable };
}

/** @returns what could not be read */
async function forEach(
  domains: readonly LiveGuest[],
  action: (domain: LiveGuest) => Promise<void>,
  begin: Begin,
): Promise<Finding[]> {
  const unreadable: Finding[] = [];
  for (const [index, domain] of domains.entries()) {
    begin(`guest ${index + 1} of ${domains.length}`);
    if (hasEnded(domain)) continue;
    try {
      await action(domain);
    } catch (error) {
      unreadable.push(failure(aboutGuest(domain), error));
    }
  }
  return unreadable;
}
