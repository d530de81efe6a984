import { summarize } from '../hook/count-elements.ts';
import { describeWithin } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { messageOf, quoted } from '../model/problem.ts';
import { becomeFollower, leasesChange } from '../state/lease-process.ts';
import { readRecord, readRecords } from '../state/records.ts';
import { toSystem } from '../system/log-line.ts';
import { applyDeltas, findDeltas } from './apply.ts';

/** Longest wait for a change of the lease files before they are read anyway, in milliseconds. */
const longest = 10_000;

/** dnsmasq writes a lease in several steps: wait for the last one, in milliseconds. */
const settling = 200;

/**
 * Follows the leases of guests that get their address by DHCP: adds their forwards when the lease arrives, long after
 * the hook has ended, and moves them when the lease changes. Ends when no such guest runs.
 */
export async function follow(): Promise<void> {
  while (followed().length > 0) {
    const release = becomeFollower();
    if (release === undefined) return;
    try {
      while (followed().length > 0) {
        // The watch begins before the files are read: a lease that is written meanwhile is not missed.
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

/** The names of the guests whose address comes from a lease. */
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

/** All guests together: the host's files are read once, and the kernel is changed once. */
async function applyTo(names: readonly string[]): Promise<void> {
  // Without names, `findDeltas()` takes all guests.
  if (names.length === 0) return;
  const { changing } = await findDeltas(names, { cause: 'lease' });
  const moved = changing.flatMap((delta) => {
    const { added, removed, request } = delta;
    return request.kind === 'apply' && added.length + removed.length > 0 ? [{ ...delta, request }] : [];
  });
  if (moved.length === 0) return;
  const applied = await applyDeltas(moved);
  for (const [index, { guest, elements, problems }] of applied.entries()) {
    // The guest has ended meanwhile, and its stop hook has logged that.
    if (readRecord(recordName(guest)) === undefined) continue;
    const summary = summarize(elements, moved[index]?.request.desired.address);
    const message = `${guest.driver} guest ${quoted(guest.name)}: DHCP lease: ${[summary, ...problems.map(describeWithin)].join('; but ')}`;
    await toSystem({ level: problems.length > 0 ? 'error' : 'info', message });
  }
}
