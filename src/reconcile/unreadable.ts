import { hostStateProblem, setHostStateAside } from '../state/host-state.ts';
import { setRecordAside } from '../state/records.ts';
import { enqueue, guestOfTicket, setRequestAside, type Ticket } from '../state/request-files.ts';
import { startRetry } from '../state/retry-process.ts';
import { bestEffort } from '../system/best-effort.ts';
import { toSystem } from '../system/log-line.ts';
import { renderRequest } from './request.ts';

/*
 * A file of the state folder that another version wrote, or that is damaged, concerns its own guest alone: it is moved
 * out of the way, the log says so, and the guest is planned again from what runs.
 */

/** @param name the name of the guest's record */
export async function setUnreadableAside(name: string, why: string): Promise<void> {
  await toldAside(() => setRecordAside(name), `the record ${name}.json`, why);
  refreshLater(name);
}

/** The same of a request in the queue. */
export async function setRequestAsideAndTell(ticket: Ticket, why: string): Promise<void> {
  await toldAside(() => setRequestAside(ticket), `the request ${ticket}`, why);
  refreshLater(guestOfTicket(ticket));
}

/** What is known of the kernel is found again by a rebuild, which follows. */
export async function setHostStateAsideIfUnreadable(): Promise<void> {
  const problem = hostStateProblem();
  if (problem === undefined) return;
  const where = bestEffort('moving the state file', setHostStateAside) ?? 'where it was';
  await toSystem({
    level: 'error',
    message: `reading the state: ${problem}: moved to ${where}; all rules are made again`,
  });
}

async function toldAside(move: () => string, what: string, why: string): Promise<void> {
  const where = bestEffort('moving the file', move);
  const moved = where === undefined ? 'it could not be moved' : `moved to ${where}`;
  await toSystem({
    level: 'error',
    message: `reading the state: ${what} cannot be read: ${why}: ${moved}; the guest is planned again from what runs`,
  });
}

function refreshLater(record: string): void {
  bestEffort('queueing a new plan', () => enqueue(record, renderRequest({ kind: 'refresh', record }), false));
  bestEffort('starting guestgate retry', startRetry);
}
