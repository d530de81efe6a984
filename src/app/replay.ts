import { parseDomain } from '../events/domain.ts';
import { claimOf, type Element } from '../model/element.ts';
import { type GuestId, guestDrivers } from '../model/guest.ts';
import { messageOf, quoted, UserError } from '../model/problem.ts';
import { ClaimIndex } from '../planner/claim-index.ts';
import { contradict, describeClaim, withoutConflicts } from '../planner/conflicts.ts';
import {
  hasDriverFolder,
  type LiveDomain,
  liveDomainFiles,
  readLiveDomain,
} from '../system/libvirt-files.ts';
import { withLock } from '../system/lock.ts';
import {
  type Record,
  readHostState,
  readRecords,
  recordName,
  removeRecord,
  writeHostState,
  writeRecord,
} from '../system/records.ts';
import { type LoadedConfiguration, loadConfiguration } from './configuration.ts';
import { closeGuest, openGuest, switchHairpin } from './converge.ts';
import { type Desired, desire } from './desired.ts';
import { assertAnchors, rebuild } from './kernel.ts';
import { liveNetworks } from './surroundings.ts';

/** What became of one guest. */
export interface Replayed {
  readonly guest: GuestId;
  readonly elements: readonly Element[];
  readonly problems: readonly string[];
}

/**
 * Rebuilds rules and records from the guests that run now, as libvirt's status files tell; libvirt itself is not
 * asked. Records of guests that are gone are dropped.
 *
 * @returns the guests that guestgate has anything to do with, and what went wrong for no guest in particular
 */
export async function replay(): Promise<{ guests: Replayed[]; problems: string[] }> {
  const configuration = loadConfiguration();
  const { desired, unreadable } = await desireAll(allLiveDomains(), configuration);
  const networks = liveNetworks(() => false);
  const { mark } = configuration.host;
  const problems = withLock(() => {
    const before = readRecords();
    const kept = before.filter(({ guest }) => keeps(guest, desired, unreadable));
    for (const { guest } of before) if (!kept.some((record) => record.guest === guest)) removeRecord(guest);
    const records = decide(desired, kept);
    for (const record of records) writeRecord(record);
    const state = readHostState();
    const own = Object.assign(Object.create(null), ...desired.map((one) => one.networks));
    writeHostState({ ...state, networks: records.length === 0 ? {} : { ...own, ...networks } });
    if (records.length === 0 && before.length === 0 && state.mark === undefined) return [];
    rebuild('replaying', configuration.hostUnknown.length === 0 ? mark : state.mark);
    for (const record of records) switchHairpin(record);
    return assertAnchors(readHostState().mark ?? mark, true);
  });
  return {
    guests: readRecords().map(({ guest, ...rest }) => ({ guest, ...rest })),
    problems: [...unreadable, ...problems],
  };
}

/**
 * The same for some guests only, by name or UUID; one that does not run is closed.
 *
 * @throws UserError if nobody knows a guest of that name
 */
export async function replaySome(
  names: readonly string[],
): Promise<{ guests: Replayed[]; problems: string[] }> {
  const configuration = loadConfiguration();
  const guests: Replayed[] = [];
  for (const name of names) {
    const live = findLive(name);
    if (live === undefined) guests.push(closeGone(name));
    else {
      const { desired, unreadable } = await desireAll([live], configuration);
      for (const one of desired)
        guests.push({ guest: one.guest, ...openGuest(one, configuration.host.mark, 'open') });
      guests.push(...unreadable.map((problem) => ({ guest: live, elements: [], problems: [problem] })));
    }
  }
  return { guests, problems: assertAnchors(readHostState().mark ?? configuration.host.mark, true) };
}

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

function closeGone(name: string): Replayed {
  const record = readRecords().find(({ guest }) => guest.name === name || guest.uuid === name.toLowerCase());
  if (record === undefined) {
    throw new UserError(`no guest ${quoted(name)} runs here: see virsh list --all`);
  }
  closeGuest(record.guest);
  return { guest: record.guest, elements: [], problems: [] };
}

/** What should be in the kernel for each; one domain that cannot be read does not keep the others from it. */
export async function desireAll(
  domains: readonly LiveDomain[],
  configuration: LoadedConfiguration,
): Promise<{ desired: Desired[]; unreadable: string[] }> {
  const desired: Desired[] = [];
  const unreadable: string[] = [];
  for (const domain of domains) {
    try {
      const xml = readLiveDomain(domain);
      if (xml === undefined) continue;
      const { guest, metadata } = parseDomain(domain.driver, xml, domain.name);
      desired.push(await desire(guest, metadata, configuration));
    } catch (error) {
      unreadable.push(`${domain.driver} guest ${quoted(domain.name)}: ${messageOf(error)}`);
    }
  }
  return { desired, unreadable };
}

/** A record stays if its guest runs and has a policy, or if nobody can tell. */
function keeps(guest: GuestId, desired: readonly Desired[], unreadable: readonly string[]): boolean {
  if (!hasDriverFolder(guest.driver)) return true;
  const name = recordName(guest);
  const found = desired.find((one) => recordName(one.guest) === name);
  if (found === undefined) return unreadable.length > 0 && readLiveDomain(guest) !== undefined;
  return !found.silent || found.problems.length > 0;
}

/** Who held something before keeps it; the others come in the order of their names. */
function decide(desired: readonly Desired[], before: readonly Record[]): Record[] {
  const byName = new Map(before.map((record) => [recordName(record.guest), record]));
  const concerned = desired.filter((one) => !one.silent || one.problems.length > 0);
  const wishes = concerned.map((one) => ({
    one,
    name: recordName(one.guest),
    old: byName.get(recordName(one.guest)),
  }));
  wishes.sort((a, b) => order(a.old?.since, b.old?.since) || order(a.name, b.name));
  const index = new ClaimIndex();
  const untouched = before.filter((record) => !wishes.some(({ old }) => old === record));
  for (const record of untouched) index.add(recordName(record.guest), record.elements);
  const since = new Date().toISOString();
  const decided = wishes.map(({ one, name, old }): Record => {
    const wanted = one.certain ? one.elements : (old?.elements ?? []);
    const held = index.near(wanted).filter((other) =>
      wanted.some((element) => {
        const claim = claimOf(element);
        return claim !== undefined && contradict(claim, other.claim);
      }),
    );
    const { granted, refused } = withoutConflicts(wanted, held);
    index.add(name, granted);
    return {
      guest: one.guest,
      ...(one.address !== undefined && { address: one.address, addressSource: one.addressSource ?? '' }),
      elements: granted,
      pending: true,
      problems: [
        ...one.problems,
        ...refused.map(({ claim, holder }) => `${describeClaim(claim)} is taken by ${holder}`),
      ],
      hairpinPorts: old?.hairpinPorts ?? [],
      since: old?.since ?? since,
    };
  });
  return [...untouched, ...decided];
}

function order(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  return a < b ? -1 : 1;
}
