import { parseDomain } from '../events/domain.ts';
import { guestDrivers } from '../model/guest.ts';
import { messageOf, quoted } from '../model/problem.ts';
import { type LiveDomain, liveDomainFiles, readLiveDomain } from '../system/libvirt-files.ts';
import { type Desired, desire } from './desired.ts';
import type { Reading } from './reading.ts';

/** The live domains of every driver. */
export function allLiveDomains(): LiveDomain[] {
  return guestDrivers.flatMap((driver) => liveDomainFiles(driver));
}

/** A running guest by name, or by UUID. */
export function findLive(nameOrUuid: string): LiveDomain | undefined {
  const domains = allLiveDomains();
  const byName = domains.find(({ name }) => name === nameOrUuid);
  if (byName !== undefined || !/^[0-9a-f]{8}-/i.test(nameOrUuid)) return byName;
  const tag = `<uuid>${nameOrUuid.toLowerCase()}</uuid>`;
  return domains.find((domain) => readLiveDomain(domain)?.includes(tag));
}

/** What should be in the kernel for each; one domain that cannot be read does not keep the others from it. */
export async function desireAll(
  domains: readonly LiveDomain[],
  reading: Reading,
): Promise<{ desired: Desired[]; unreadable: string[] }> {
  const desired: Desired[] = [];
  const unreadable: string[] = [];
  for (const domain of domains) {
    try {
      const xml = readLiveDomain(domain);
      if (xml === undefined) continue;
      desired.push(await desire(await parseDomain(domain.driver, xml, domain.name), reading, () => true));
    } catch (error) {
      unreadable.push(`${domain.driver} guest ${quoted(domain.name)}: ${messageOf(error)}`);
    }
  }
  return { desired, unreadable };
}
