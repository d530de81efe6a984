import type { Reading } from '../desired/host-reading.ts';
import { bridgeElements } from '../desired/network-elements.ts';
import { plainNames } from '../desired/plain-networks.ts';
import { allLiveDomains } from '../desired/running-guests.ts';
import { describeFinding, describeSubject, type Finding, failure } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import type { HostView } from '../planner/host-view.ts';
import { absence } from '../state/absence.ts';
import { readHostState } from '../state/host-state.ts';
import { recordedFamilies } from '../state/needed-tables.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import {
  interfaceTexts,
  readUplinks,
  type Uplinks,
  withPresentHolders,
  writeUplinks,
} from '../state/uplinks.ts';
import type { LogEntry } from '../system/log-line.ts';
import { factsText, readHostFacts } from '../system/uplinks.ts';
import { changeNetworks, wantedOfHost } from './change-networks.ts';
import { applyDeltasOfNetworks, networkDeltas } from './network-deltas.ts';
import { planAll } from './plan-all.ts';
import { type PlanReading, readForPlan } from './plan-reading.ts';
import { reconcile } from './reconcile.ts';
import { isBridgeKey } from './uplinks-noted.ts';

/** What was changed, as a message names it, and what failed. */
interface Adapted {
  readonly changed: readonly string[];
  readonly problems: readonly Finding[];
}

/**
 * Plans networks and guests again whose rules depend on the host's uplinks, and applies what differs. Needs the lock.
 *
 * @returns the line for the log; undefined: no rule had to change
 * @throws UserError, CommandError: the next event tries again
 */
export async function adaptToHost(): Promise<LogEntry | undefined> {
  const noted = readUplinks();
  if (noted === undefined) return undefined;
  const facts = readHostFacts();
  const remembered = withPresentHolders(noted, facts);
  // The plans read who holds an address. The facts are noted last: a process that is killed before leaves the work to the next.
  writeUplinks(remembered);
  const interfaces = interfaceTexts(Object.keys(noted.interfaces ?? {}));
  const reading = await readForPlan();
  const networks = await adaptNetworks(reading);
  const guests = await adaptGuests(reading);
  const planned = reading.hostFacts() ?? factsText(facts);
  writeUplinks({
    ...remembered,
    facts: (await isPresent(planned, guests.failed)) ? planned : unknown,
    ...(noted.interfaces !== undefined && { interfaces: stillNamed(interfaces, reading) }),
  });
  const changed = [...networks.changed, ...guests.changed];
  const problems = [...networks.problems, ...guests.problems];
  if (changed.length + problems.length === 0) return undefined;
  const names = changed.length === 0 ? [] : [`updated ${changed.join(', ')}`];
  const message = `the host's addresses or default routes changed: ${[...names, ...problems.map(describeFinding)].join('; ')}`;
  return { level: problems.length > 0 ? 'error' : 'info', message };
}

/** Without those that the configuration names no more, if all of it could be read. */
function stillNamed(
  interfaces: NonNullable<Uplinks['interfaces']>,
  { configuration: { networks, unread } }: PlanReading,
): NonNullable<Uplinks['interfaces']> {
  const named = plainNames(networks);
  const isNamed = ([name]: [string, string]) => unread.length > 0 || named.includes(name);
  return Object.fromEntries(Object.entries(interfaces).filter(isNamed));
}

/** No facts of a host: the next look adapts the rules again. */
const unknown = '';

/**
 * Whether the rules are those of the host now. Where an uplink flaps, the plans may have read another moment than the facts at
 * the start and at the end, which may be the same.
 *
 * @param planned the facts that networks were planned with
 * @param failed the records of guests that could not be adapted: they have been reported
 */
async function isPresent(planned: string, failed: ReadonlySet<string>): Promise<boolean> {
  const { hostView, hostFacts } = await readForPlan('no guest');
  const view = hostView();
  const isOutdated = (record: GuestRecord) =>
    !failed.has(recordName(record.guest)) && dependsOnAnother(record, view);
  const agree = !readRecords().some(isOutdated);
  return agree && (hostFacts() ?? factsText(readHostFacts())) === planned;
}

/** Whether a guest's rules were planned with other interfaces, or other addresses of interfaces, than these. */
function dependsOnAnother(
  { uplinks = {}, uplinkAddresses = {} }: GuestRecord,
  { interfacesOf, addressesOn }: HostView,
): boolean {
  return (
    Object.entries(uplinks).some(([address, interfaces]) => differs(interfaces, interfacesOf(address))) ||
    Object.entries(uplinkAddresses).some(([name, addresses]) => differs(addresses, addressesOn(name)))
  );
}

async function adaptNetworks(reading: PlanReading): Promise<Adapted> {
  const wanted = wantedOfHost(reading);
  const { changing } = await networkDeltas(reading);
  const problems = await applyDeltasOfNetworks(changing, wanted, reading);
  const bridges = Object.entries(readHostState().networks).filter(
    ([name, recorded]) => isBridgeKey(name) && differs(recorded, presentOfBridge(name, reading)),
  );
  for (const [name] of bridges) await changeNetworks({ [name]: presentOfBridge(name, reading) }, wanted);
  const changed = changing.map(({ network }) =>
    network === absence ? 'absent guests' : describeSubject({ network }),
  );
  return { changed: [...changed, ...bridges.map(([name]) => name)], problems };
}

function presentOfBridge(name: string, reading: Reading) {
  return bridgeElements(name.replace(/^bridge /, ''), reading.bridgeFacts(), recordedFamilies());
}

async function adaptGuests(
  reading: PlanReading,
): Promise<Adapted & { readonly failed: ReadonlySet<string> }> {
  const view = reading.hostView();
  const outdated = new Map(
    readRecords()
      .filter((record) => dependsOnAnother(record, view))
      .map((record) => [recordName(record.guest), record]),
  );
  const failed = new Set<string>();
  if (outdated.size === 0) return { changed: [], problems: [], failed };
  const live = allLiveDomains().filter((domain) => outdated.has(recordName(domain)));
  const { requests, unreadable } = await planAll(live, reading);
  const { answered } = await reconcile(requests);
  const changed: string[] = [];
  const problems: Finding[] = [...unreadable];
  for (const { request, answer } of answered) {
    if (request.kind !== 'apply') continue;
    const { guest } = request.desired;
    const subject = { guest: { driver: guest.driver, name: guest.name } };
    const before = outdated.get(recordName(guest));
    if ('failed' in answer) {
      problems.push(failure(subject, answer.failed));
      failed.add(recordName(guest));
    } else if (hasNews(before, answer)) {
      changed.push(describeSubject(subject));
      problems.push(...answer.problems);
    }
  }
  return { changed, problems, failed };
}

/** Whether the guest got other rules or other problems. */
function hasNews(before: GuestRecord | undefined, now: Pick<GuestRecord, 'elements' | 'problems'>): boolean {
  return (
    before === undefined || differs(before.elements, now.elements) || differs(before.problems, now.problems)
  );
}

function differs(one: readonly unknown[], other: readonly unknown[]): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}
