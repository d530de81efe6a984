import { locate } from '../desired/configuration.ts';
import { keysInFiles } from '../desired/guest-identity.ts';
import { missingInterfaces } from '../desired/public-interfaces.ts';
import { allLiveDomains, lookForLife } from '../desired/running-guests.ts';
import type { BackendName } from '../model/backend-name.ts';
import type { Finding } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { otherBackend } from '../reconcile/backend-choice.ts';
import { type Begin, computeDesiredStates } from '../reconcile/plan-all.ts';
import { type PlanReading, readForPlan } from '../reconcile/plan-reading.ts';
import { recordedAbsence } from '../state/absence.ts';
import { readHostState } from '../state/host-state.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { sysctl } from '../system/host.ts';
import { releaseMemory } from '../system/memory.ts';
import { type SharedListings, shareListings } from '../system/shared-listings.ts';
import { absentDifferences } from './absent-differences.ts';
import { antispoofDifferences, antispoofRemarks } from './antispoof-differences.ts';
import { judgePaths, sampledAddresses } from './blocked-paths.ts';
import { guestDifferences, staleGuest, unseenGuest } from './guest-differences.ts';
import { beginListings, compareKernel } from './kernel-differences.ts';
import { networkDifferences } from './network-differences.ts';
import { judgeNetworkPaths } from './network-paths.ts';
import { protectionDifferences } from './protection-differences.ts';
import { readPathFacts } from './read-paths.ts';
import { findRemarks } from './remarks.ts';
import { stateDifferences } from './state-differences.ts';

export interface Checked {
  /** Mistakes in the configuration; their subject is the file and the line, or the key. */
  readonly problems: readonly Finding[];
  /** Where records or kernel differ from the configuration. */
  readonly differences: readonly Finding[];
  /** Why packets do not reach running guests, though configuration, records and kernel agree. */
  readonly blocked: readonly Finding[];
  /** Findings that may be intended. */
  readonly remarks: readonly Finding[];
}

/** What others have read for `check` before. */
export interface AlreadyRead {
  readonly reading: PlanReading;
  readonly records: readonly GuestRecord[];
  readonly listings: SharedListings;
}

/** Compares configuration, records and kernel. Changes nothing. @param begin is called before each step */
export async function check(known?: AlreadyRead, begin: Begin = () => {}): Promise<Checked> {
  const reading = known?.reading ?? (await readForPlan());
  const all = known?.records ?? readRecords();
  const listings = known?.listings ?? shareListings();
  if (known === undefined) await beginListings(listings);
  const { configuration } = reading;
  releaseMemory(all.length);
  const records = new Map(all.map((record) => [recordName(record.guest), record]));
  const recordOf = (name: string) => records.get(name);
  const { desired, unreadable } = await computeDesiredStates(allLiveDomains(), reading, recordOf, begin);
  const life = lookForLife();
  const live = new Set(desired.map(({ guest }) => recordName(guest)));
  const stopped = [...records].flatMap(([name, record]) => (live.has(name) ? [] : [record]));
  const networks = await reading.liveNetworks(() => false);
  const running = new Set(desired.flatMap(({ guest }) => keysInFiles(guest)));
  begin('rules in the kernel');
  releaseMemory(all.length);
  const kernel = await compareKernel({ records: all, listing: listings.list });
  releaseMemory(all.length);
  const missing = missingInterfaces(configuration.host);
  // An uplink may be away; if all are, forwards are closed.
  const isClosed = missing.some(({ severity }) => severity === 'everything');
  const absent = reading.absent();
  const inForce = [...records.values()].filter((record) => live.has(recordName(record.guest)));
  return {
    blocked: [
      ...judgePaths(inForce, readPathFacts(reading, sampledAddresses(inForce))),
      ...judgeNetworkPaths(readHostState().networks, sysctl),
    ],
    remarks: [
      ...(isClosed ? [] : missing),
      ...(await findRemarks(reading, (name) => running.has(name))),
      ...(absent?.remarks ?? []),
      ...desired.flatMap((one) => one.remarks ?? []),
      ...antispoofRemarks(),
    ],
    problems: [...(await locate(configuration.problems, configuration.files)), ...(isClosed ? missing : [])],
    differences: [
      ...unreadable,
      ...desired.flatMap((one) => guestDifferences(one, records.get(recordName(one.guest)))),
      ...stopped.map((record) => (life.isGone(record.guest) ? staleGuest(record) : unseenGuest(record))),
      ...networkDifferences(networks, readHostState().networks, reading),
      ...absentDifferences(absent?.elements, recordedAbsence()),
      ...backendDifferences(reading.backend),
      ...stateDifferences(),
      ...kernel.unreadable,
      ...kernel.differences,
      ...(await antispoofDifferences()),
      ...(await protectionDifferences(reading)),
    ],
  };
}

/** Whether the rules are made with another back end than the one that the configuration asks for. */
function backendDifferences(wanted: BackendName | undefined): Finding[] {
  const other = otherBackend(readHostState(), wanted);
  if (other === undefined) return [];
  const { from, to } = other;
  const problem = `the rules are made with ${from}, and the configuration asks for ${to}`;
  return [{ subject: 'kernel', problem, severity: 'something', fix: 'guestgate apply' }];
}
