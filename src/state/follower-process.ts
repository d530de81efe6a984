import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { isInPortTables } from '../model/antispoof.ts';
import type { GuestId } from '../model/guest.ts';
import { paths } from '../model/paths.ts';
import { stateFiles } from '../model/state-files.ts';
import { bestEffort } from '../system/best-effort.ts';
import { endLockHolder, type LastingLock, startOwnProgram, takeLastingLock } from './background.ts';
import type { GuestRecord } from './records.ts';

/*
 * The process that waits for leases, and for attached interfaces of guests whose ports are checked: one on a host, started by the
 * first guest that needs it; it ends after the last one. It holds a lock, by which it is known to be there. Where `guestgate watch`
 * runs, that holds the lock and does it.
 */

const lockFile = stateFiles.follower;

/** Whether files say more of a guest than its hooks do: leases, and the ports that libvirt's status file names. Pure. */
export function isFollowed(guest: FollowedGuest): boolean {
  return guest.byLease === true || hasFollowedPorts(guest);
}

/**
 * Whether the ports of a guest are followed: libvirt writes the status file when an interface was attached, which no hook reports once it
 * has a port. That counts where rules check the guest's ports, or will check the first that it gets. Pure.
 */
export function hasFollowedPorts({ guest, elements, confined, confinement }: FollowedGuest): boolean {
  const isConfined = confined === true || confinement !== undefined || elements.some(isInPortTables);
  return isConfined && drivers.some((driver) => driver === guest.driver);
}

/** A record, or the state that is to be recorded. */
type FollowedGuest = Pick<GuestRecord, 'elements' | 'byLease' | 'confined'> & {
  readonly guest: GuestId;
  readonly confinement?: object;
};

/** Of other guests, Xen's scripts report each port, and the port of a local guest is declared. */
const drivers = ['qemu', 'lxc'] as const;

/** Starts it, unless it runs. Where it cannot be started, no command fails for that. */
export function startFollower(): void {
  bestEffort('starting the lease follower', () => startOwnProgram('follow-leases', lockFile));
}

/** @returns undefined if another one runs */
export function becomeFollower(): LastingLock | undefined {
  return takeLastingLock(lockFile);
}

/** Ends it, if it runs. */
export function endFollower(): void {
  endLockHolder(lockFile);
}

/** What has changed: leases, guests' status files; or nothing, and the time is over. */
export type Change = 'leases' | 'guests' | 'nothing';

/** Waits until dnsmasq has written a lease or libvirt a status file, or so many milliseconds, or the signal: folders may not be there yet. */
export async function filesChange(longest: number, signal?: AbortSignal): Promise<Change> {
  const watchers: FSWatcher[] = [];
  const change = await new Promise<Change>((resolve) => {
    const done = (what: Change) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', nothing);
      resolve(what);
    };
    const nothing = () => done('nothing');
    const timer = setTimeout(nothing, longest);
    signal?.addEventListener('abort', nothing);
    for (const [folder, what] of watched)
      try {
        const watcher = watch(folder, () => done(what));
        watcher.once('error', () => done(what));
        watchers.push(watcher);
      } catch {
        // Not there: the timer ends it.
      }
  });
  for (const watcher of watchers) watcher.close();
  return change;
}

const watched: readonly (readonly [string, Change])[] = [
  [paths.dnsmasq, 'leases'],
  ...drivers.map((driver) => [join(paths.libvirtRun, driver), 'guests'] as const),
];
