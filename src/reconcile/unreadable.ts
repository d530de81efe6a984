import { hostStateProblem, setHostStateAside } from '../state/host-state.ts';
import { setRecordAside } from '../state/records.ts';
import { enqueue, guestOfTicket, setRequestAside, type Ticket } from '../state/request-files.ts';
import { startRetry } from '../state/retry-process.ts';
import { bestEffort } from '../system/best-effort.ts';
import { toSystem } from '../system/log-line.ts';
import { renderRequest } from './request.ts';

/*
 * A state file that is damaged, or that another version wrote, affects only its own guest: guestgate sets the file aside,
 * logs that, and plans the guest again from the running guest.
 */

/**
 * Sets a record aside.
 *
 * @param name the name of the record
 */
export async function setUnreadableAside(name: string, why: string): Promise<void> {
  await moveAside(() => setRecordAside(name), `the record ${name}.json`, why);
  refreshLater(name);
}

/** Sets a request in the queue aside. */
export async function setRequestAsideAndTell(ticket: Ticket, why: string): Promise<void> {
  await moveAside(() => setRequestAside(ticket), `the request ${ticket}`, why);
  refreshLater(guestOfTicket(ticket));
}

/** Sets the host's state aside if it cannot be read. The rebuild that follows writes it again. */
export async function setHostStateAsideIfUnreadable(): Promise<void> {
  const problem = hostStateProblem();
  if (problem === undefined) return;
  const where = bestEffort('moving the state file', setHostStateAside);
  const result = where === undefined ? 'it could not be moved' : `moved to ${where}`;
  await toSystem({
    level: 'error',
    message: `reading the state: ${problem}: ${result}; all rules are rebuilt`,
  });
}

async function moveAside(move: () => string, what: string, why: string): Promise<void> {
  const where = bestEffort('moving the file', move);
  const result = where === undefined ? 'it could not be moved' : `moved to ${where}`;
  await toSystem({
    level: 'error',
    message: `reading the state: ${what} cannot be read: ${why}: ${result}; the guest is planned again`,
  });
}

function refreshLater(record: string): void {
  bestEffort('queueing a new plan', () => enqueue(record, renderRequest({ kind: 'refresh', record }), false));
  bestEffort('starting guestgate retry', startRetry);
}
