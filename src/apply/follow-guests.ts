import { dhcpFacts } from '../desired/dhcp-facts.ts';
import { readHost } from '../desired/host-reading.ts';
import { summarize } from '../hook/count-elements.ts';
import { readLiveDomain } from '../libvirt/files.ts';
import { livePorts } from '../libvirt/live-ports.ts';
import { describeWithin, type Finding, isSame } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { messageOf, quoted } from '../model/problem.ts';
import type { ApplyRequest } from '../reconcile/request.ts';
import type { LastingLock } from '../state/background.ts';
import {
  becomeFollower,
  type Change,
  filesChange,
  hasFollowedPorts,
  isFollowed,
  startFollower,
} from '../state/follower-process.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { isWatched } from '../state/watch-process.ts';
import { toSystem } from '../system/log-line.ts';
import { applyDeltas, type Delta, findDeltas } from './apply.ts';

/** Longest wait for a change of the lease files before they are read anyway, in milliseconds. */
const longest = 10_000;

/** How often a watcher looks whether another process still follows leases, in milliseconds. */
const handover = 1000;

/** dnsmasq writes a lease in several steps, libvirt a status file and its name: how long to wait for the last one, in milliseconds. */
const settling: Readonly<Record<Change, number>> = { leases: 200, guests: 20, nothing: 200 };

/** What files said of a followed guest: DHCP's, and the hypervisor's. */
interface Facts {
  readonly leases: string;
  readonly ports: string;
}

/** What files said of each followed guest when its rules last agreed with that, by the name of its record. */
type Settled = Map<string, Facts>;

/**
 * Follows the leases of guests that get their address by DHCP: adds their forwards when the lease arrives, long after
 * the hook has ended, and moves them when the lease changes. A guest with a reservation may have a lease of another
 * address, too. Checks interfaces that are attached to guests whose ports are checked, as soon as libvirt's status file names the port: no
 * hook does. Ends when no such guest runs.
 */
export async function follow(): Promise<void> {
  while (isNeeded()) {
    const lock = becomeFollower();
    if (lock === undefined) return;
    const settled: Settled = new Map();
    try {
      while (isNeeded() && lock.isHeld()) await applyAndWait(settled);
    } finally {
      lock.release();
    }
  }
}

/**
 * The same as a part of `guestgate watch`, until the signal. While another process follows leases, it waits: that process
 * sees the watcher, and ends.
 *
 * @param inTurn runs an action that takes the lock
 */
export async function followAsWatcher(
  signal: AbortSignal,
  inTurn: (action: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const settled: Settled = new Map();
  let lock: LastingLock | undefined;
  try {
    while (!signal.aborted) {
      lock = lock?.isHeld() === true ? lock : becomeFollower();
      if (lock === undefined) await filesChange(handover, signal);
      else await applyAndWait(settled, inTurn, signal);
    }
  } finally {
    lock?.release();
  }
}

/** Starts a process that follows guests, if there are any to follow: a watcher has ended. */
export function startFollowerIfNeeded(): void {
  if (followed().length > 0) startFollower();
}

async function applyAndWait(
  settled: Settled,
  inTurn: (action: () => Promise<void>) => Promise<void> = (action) => action(),
  signal?: AbortSignal,
): Promise<void> {
  // The watch begins before the files are read: a lease that is written meanwhile is not missed.
  const change = filesChange(longest, signal);
  const began = performance.now();
  await inTurn(() => applyNow(settled));
  const took = performance.now() - began;
  const what = await change;
  // Hundreds of guests that start together are no reason to look without a pause.
  const pause = Math.max(settling[what], 2 * took);
  if (signal?.aborted !== true) await new Promise((resolve) => setTimeout(resolve, pause));
}

/** Guests to follow run, and no watcher follows them. */
function isNeeded(): boolean {
  return followed().length > 0 && !isWatched();
}

function followed(): GuestRecord[] {
  return readRecords().filter(isFollowed);
}

async function applyNow(settled: Settled): Promise<void> {
  try {
    await applyChanges(settled);
  } catch (error) {
    await toSystem({ level: 'error', message: `following leases: ${messageOf(error)}` });
  }
}

/**
 * Plans the guests for which DHCP or libvirt has anything new. Other guests are not planned: on a host with many guests there is a
 * lease every few seconds, and nearly all of them renew the address that the guest has.
 */
async function applyChanges(settled: Settled): Promise<void> {
  const reading = await readHost('no guest');
  const changed = new Map<string, { record: GuestRecord; facts: Facts }>();
  for (const record of followed()) {
    const name = recordName(record.guest);
    const facts = { leases: await dhcpFacts(record, reading), ports: portsOf(record) };
    const before = settled.get(name);
    if (before?.leases !== facts.leases || before.ports !== facts.ports) changed.set(name, { record, facts });
  }
  // Without names, `findDeltas()` takes all guests.
  if (changed.size === 0) return;
  const names = [...changed.values()].map(({ record }) => record.guest.name);
  const { all } = await findDeltas(names, { cause: 'lease' });
  const moved = all.flatMap((delta) => {
    const { request } = delta;
    const before = changed.get(recordName(delta.guest))?.record;
    return request.kind === 'apply' && isNews(delta, before) ? [{ ...delta, request }] : [];
  });
  if (moved.length > 0) await applyAndLog(moved);
  // A guest that was changed, or could not be, is planned again in the next round.
  for (const { guest } of moved) changed.delete(recordName(guest));
  for (const [name, { facts }] of changed) settled.set(name, facts);
}

/** The ports that the status file names. Nothing else in it is a reason to plan again: libvirt writes it often. */
function portsOf(record: GuestRecord): string {
  return hasFollowedPorts(record) ? livePorts(readLiveDomain(record.guest) ?? '').join(' ') : '';
}

/** Whether the guest's rules change, or whether it has several leases. */
function isNews({ added, removed, problems }: Delta, before: GuestRecord | undefined): boolean {
  const severalLeases = (findings: readonly Finding[]) =>
    findings.filter(({ kind }) => kind === 'several-leases');
  return (
    added.length + removed.length > 0 ||
    !isSame(severalLeases(problems), severalLeases(before?.problems ?? []))
  );
}

/** All guests together: the kernel is changed once. */
async function applyAndLog(moved: readonly (Delta & { readonly request: ApplyRequest })[]): Promise<void> {
  const applied = await applyDeltas(moved);
  for (const [index, { guest, elements, problems }] of applied.entries()) {
    // The guest has ended meanwhile, and its stop hook has logged that.
    if (readRecord(recordName(guest)) === undefined) continue;
    const desired = moved[index]?.request.desired;
    const why = desired?.byLease === true ? 'DHCP lease' : 'interfaces';
    const summary = summarize(elements, desired?.address);
    const message = `${guest.driver} guest ${quoted(guest.name)}: ${why}: ${[summary, ...problems.map(describeWithin)].join('; but ')}`;
    await toSystem({ level: problems.length > 0 ? 'error' : 'info', message });
  }
}
