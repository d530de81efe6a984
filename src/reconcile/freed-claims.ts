import type { GuestId } from '../model/guest.ts';
import { guestOf } from '../model/guest.ts';
import { quoted } from '../model/problem.ts';
import { enqueue } from '../state/request-files.ts';
import { bestEffort } from '../system/best-effort.ts';
import { toSystem } from '../system/log-line.ts';
import type { GuestChange } from './change.ts';
import { claimsBehindAll } from './plan-change.ts';
import { renderRequest } from './request.ts';

/*
 * Two guests want one port, and both run: the first has it. When it stops, or its policy gives the port up, the other one
 * gets it in the next transaction, under the same lock.
 */

/**
 * Queues a new plan for every guest that was refused a claim, if these changes give a claim up. The queue keeps the plans if
 * the process is killed.
 *
 * @param changes the changes of the next transaction
 * @param refused the records of the refused guests, from the journal
 */
export async function replanRefused(
  changes: readonly GuestChange[],
  refused: readonly string[],
): Promise<void> {
  const changing = new Set(changes.map(({ name }) => name));
  const waiting = refused.filter((name) => !changing.has(name));
  if (waiting.length === 0 || !changes.some(givesUp)) return;
  for (const record of waiting) {
    const queue = () => enqueue(record, renderRequest({ kind: 'refresh', record }), false);
    if (bestEffort('queueing a new plan', queue) === undefined) continue;
    const message = `${describe(guestOf(record))}: a port or an address came free: planning its rules again`;
    await toSystem({ level: 'info', message });
  }
}

/** Claims of a policy that has moved from a file to metadata give way to those of other files. */
function givesUp({ before, after, removes }: GuestChange): boolean {
  const isWeaker = before?.weak !== true && after.weak === true;
  if (isWeaker && claimsBehindAll(before?.elements ?? []).length > 0) return true;
  const kept = new Set(removes ? [] : claimsBehindAll(after.elements).map((claim) => JSON.stringify(claim)));
  return claimsBehindAll(before?.elements ?? []).some((claim) => !kept.has(JSON.stringify(claim)));
}

function describe({ driver, name }: GuestId): string {
  return `${driver} guest ${quoted(name)}`;
}
