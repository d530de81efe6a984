import { summarize } from '../hook/summarize.ts';
import { recordName } from '../model/guest.ts';
import { messageOf, quoted } from '../model/problem.ts';
import { becomeFollower, leasesChange } from '../state/lease-process.ts';
import { readRecord, readRecords } from '../state/records.ts';
import { toSystem } from '../system/log-line.ts';
import { applyDeltas, findDeltas } from './apply.ts';

/** How long to wait for a lease before looking all the same, in milliseconds. */
const longest = 10_000;

/** dnsmasq writes a lease in several steps: how long to let it, in milliseconds. */
const settling = 200;

/**
 * Follows the leases of guests whose address is what DHCP gives them: opens their gate when the lease comes, after
 * the hook, which libvirt waits for, has long ended; moves it when the lease changes. Ends when no such guest runs.
 */
export async function follow(): Promise<void> {
  while (followed().length > 0) {
    const release = becomeFollower();
    if (release === undefined) return;
    try {
      while (followed().length > 0) {
        // Watched from before the look on: a lease that is written meanwhile is not missed.
        const change = leasesChange(longest);
        await applyNow();
        await change;
        await new Promise((resolve) => setTimeout(resolve, settling));
      }
    } finally {
      release();
    }
  }
}

/** The names of the guests that live by a lease. */
function followed(): string[] {
  return readRecords().flatMap(({ guest, byLease }) => (byLease === true ? [guest.name] : []));
}

async function applyNow(): Promise<void> {
  try {
    await applyTo(followed());
  } catch (error) {
    await toSystem({ level: 'error', message: `following leases: ${messageOf(error)}` });
  }
}

/** All at once: the host's files are read once for them, and the kernel is changed once. */
async function applyTo(names: readonly string[]): Promise<void> {
  // No names would mean everybody.
  if (names.length === 0) return;
  const { changing } = await findDeltas(names, { cause: 'lease' });
  const moved = changing.flatMap((delta) => {
    const { added, removed, request } = delta;
    return request.kind === 'apply' && added.length + removed.length > 0 ? [{ ...delta, request }] : [];
  });
  if (moved.length === 0) return;
  const applied = await applyDeltas(moved);
  for (const [index, { guest, elements, problems }] of applied.entries()) {
    // It has ended meanwhile: its own end says so.
    if (readRecord(recordName(guest)) === undefined) continue;
    const said = [summarize(elements, moved[index]?.request.desired.address), ...problems].join('; but ');
    const level = problems.length > 0 ? 'error' : 'info';
    await toSystem({
      level,
      message: `${guest.driver} guest ${quoted(guest.name)}: its lease says: ${said}`,
    });
  }
}
