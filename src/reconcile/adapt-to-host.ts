import type { Reading } from '../desired/host-reading.ts';
import { bridgeElements } from '../desired/network-elements.ts';
import { allLiveDomains } from '../desired/running-guests.ts';
import { describeFinding, describeSubject, type Finding, failure } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { readHostState } from '../state/host-state.ts';
import { type GuestRecord, readRecords } from '../state/records.ts';
import { readUplinks, withPresentHolders, writeUplinks } from '../state/uplinks.ts';
import type { LogEntry } from '../system/log-line.ts';
import { factsText, readHostFacts } from '../system/uplinks.ts';
import { changeNetwork, changeNetworks, networkDeltas, wantedOfHost } from './change-network.ts';
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
  const reading = await readForPlan();
  const networks = await adaptNetworks(reading);
  const guests = await adaptGuests(reading);
  writeUplinks({ ...remembered, facts: factsText(facts) });
  const changed = [...networks.changed, ...guests.changed];
  const problems = [...networks.problems, ...guests.problems];
  if (changed.length + problems.length === 0) return undefined;
  const names = changed.length === 0 ? [] : [`updated ${changed.join(', ')}`];
  const message = `the host's addresses or default routes changed: ${[...names, ...problems.map(describeFinding)].join('; ')}`;
  return { level: problems.length > 0 ? 'error' : 'info', message };
}

async function adaptNetworks(reading: PlanReading): Promise<Adapted> {
  const wanted = wantedOfHost(reading);
  const { changing } = await networkDeltas(reading);
  const problems = await changeNetworks(changing, wanted, reading);
  const bridges = Object.entries(readHostState().networks).filter(
    ([name, recorded]) => isBridgeKey(name) && differs(recorded, presentOfBridge(name, reading)),
  );
  for (const [name] of bridges) await changeNetwork(name, presentOfBridge(name, reading), wanted);
  const changed = changing.map(({ network }) => describeSubject({ network }));
  return { changed: [...changed, ...bridges.map(([name]) => name)], problems };
}

function presentOfBridge(name: string, reading: Reading) {
  return bridgeElements(name.replace(/^bridge /, ''), reading.ownAddresses());
}

async function adaptGuests(reading: PlanReading): Promise<Adapted> {
  const { interfacesOf } = reading.hostView();
  const outdated = new Map(
    readRecords()
      .filter(({ uplinks = {} }) =>
        Object.entries(uplinks).some(([address, interfaces]) => differs(interfaces, interfacesOf(address))),
      )
      .map((record) => [recordName(record.guest), record]),
  );
  if (outdated.size === 0) return { changed: [], problems: [] };
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
    if ('failed' in answer) problems.push(failure(subject, answer.failed));
    else if (hasNews(before, answer)) {
      changed.push(describeSubject(subject));
      problems.push(...answer.problems);
    }
  }
  return { changed, problems };
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
