import { dhcpFacts } from '../desired/dhcp-facts.ts';
import { readHost } from '../desired/host-reading.ts';
import { summarize } from '../hook/count-elements.ts';
import { describeWithin, type Finding, isSame } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { messageOf, quoted } from '../model/problem.ts';
import type { ApplyRequest } from '../reconcile/request.ts';
import type { LastingLock } from '../state/background.ts';
import { becomeFollower, leasesChange, startFollower } from '../state/lease-process.ts';
import { type GuestRecord, readRecord, readRecords } from '../state/records.ts';
import { isWatched } from '../state/watch-process.ts';
import { bestEffort } from '../system/best-effort.ts';
import { toSystem } from '../system/log-line.ts';
import { applyDeltas, type Delta, findDeltas } from './apply.ts';

/** Longest wait for a change of the lease files before they are read anyway, in milliseconds. */
const longest = 10_000;

/** How often a watcher looks whether another process still follows leases, in milliseconds. */
const handover = 1000;

/** dnsmasq writes a lease in several steps: wait for the last one, in milliseconds. */
const settling = 200;

/** What DHCP gave each followed guest when its rules last agreed with that, by the name of its record. */
type Settled = Map<string, string>;

/**
 * Follows the leases of guests that get their address by DHCP: adds their forwards when the lease arrives, long after
 * the hook has ended, and moves them when the lease changes. A guest with a reservation may have a lease of another
 * address, too. Ends when no such guest runs.
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
      if (lock === undefined) await leasesChange(handover, signal);
      else await applyAndWait(settled, inTurn, signal);
    }
  } finally {
    lock?.release();
  }
}

/** Starts a process that follows leases, if there are any to follow: a watcher has ended. */
export function startFollowerIfNeeded(): void {
  if (followed().length > 0) bestEffort('starting the lease follower', startFollower);
}

async function applyAndWait(
  settled: Settled,
  inTurn: (action: () => Promise<void>) => Promise<void> = (action) => action(),
  signal?: AbortSignal,
): Promise<void> {
  // The watch begins before the files are read: a lease that is written meanwhile is not missed.
  const change = leasesChange(longest, signal);
  await inTurn(() => applyNow(settled));
  await change;
  if (signal?.aborted !== true) await new Promise((resolve) => setTimeout(resolve, settling));
}

/** Guests with leases run, and no watcher follows them. */
function isNeeded(): boolean {
  return followed().length > 0 && !isWatched();
}

/** The guests whose address comes by DHCP. */
function followed(): GuestRecord[] {
  return readRecords().filter(({ byLease }) => byLease === true);
}

async function applyNow(settled: Settled): Promise<void> {
  try {
    await applyChanges(settled);
  } catch (error) {
    await toSystem({ level: 'error', message: `following leases: ${messageOf(error)}` });
  }
}

/**
 * Plans the guests for which DHCP has anything new. Other guests are not planned: on a host with many guests there is a
 * lease every few seconds, and nearly all of them renew the address that the guest has.
 */
async function applyChanges(settled: Settled): Promise<void> {
  const reading = await readHost('no guest');
  const changed = new Map<string, { record: GuestRecord; facts: string }>();
  for (const record of followed()) {
    const [name, facts] = [recordName(record.guest), await dhcpFacts(record, reading)];
    if (settled.get(name) !== facts) changed.set(name, { record, facts });
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
    const summary = summarize(elements, moved[index]?.request.desired.address);
    const message = `${guest.driver} guest ${quoted(guest.name)}: DHCP lease: ${[summary, ...problems.map(describeWithin)].join('; but ')}`;
    await toSystem({ level: problems.length > 0 ? 'error' : 'info', message });
  }
}
