import { messageOf, quoted } from '../model/problem.ts';
import { hasEnded } from '../system/ended-guests.ts';
import { readRecord, readRecords, recordName } from '../system/records.ts';
import { type Desired, desire } from './desired.ts';
import { type LiveGuest, readDomain } from './live-domains.ts';
import type { Reading } from './reading.ts';
import { planLive } from './replan.ts';
import type { ApplyRequest, RemoveRequest } from './request.ts';

/**
 * Plans each of the guests that run; one domain that cannot be read does not keep the others from it. Guests whose end the
 * hypervisor has told already are left out, though it still lists them.
 */
export async function planAll(
  domains: readonly LiveGuest[],
  reading: Reading,
  cause: 'command' | 'lease' = 'command',
): Promise<{ requests: (ApplyRequest | RemoveRequest)[]; unreadable: string[] }> {
  const requests: (ApplyRequest | RemoveRequest)[] = [];
  const records = domains.length > many ? readRecords() : [];
  const byName = new Map(records.map((record) => [recordName(record.guest), record]));
  const recordOf = domains.length > many ? (name: string) => byName.get(name) : readRecord;
  const unreadable = await forEach(domains, async (domain) => {
    const request = await planLive(domain, reading, cause, recordOf(recordName(domain)));
    if (request !== undefined) requests.push(request);
  });
  return { requests, unreadable };
}

/** From so many guests on, all records are read at once. */
const many = 20;

/** What should be in the kernel for each. */
export async function desireAll(
  domains: readonly LiveGuest[],
  reading: Reading,
): Promise<{ desired: Desired[]; unreadable: string[] }> {
  const desired: Desired[] = [];
  const unreadable = await forEach(domains, async (domain) => {
    const found = await readDomain(domain);
    if (found !== undefined) desired.push(await desire(found, reading, () => true));
  });
  return { desired, unreadable };
}

/** @returns what could not be read */
async function forEach(
  domains: readonly LiveGuest[],
  action: (domain: LiveGuest) => Promise<void>,
): Promise<string[]> {
  const unreadable: string[] = [];
  for (const domain of domains) {
    if (hasEnded(domain)) continue;
    try {
      await action(domain);
    } catch (error) {
      unreadable.push(`${domain.driver} guest ${quoted(domain.name)}: ${messageOf(error)}`);
    }
  }
  return unreadable;
}
