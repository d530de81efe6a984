import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stateFiles } from '../model/state-files.ts';
import { readFolder, readText, removeFile, writeWhole } from '../system/files.ts';
import { setAside } from './state-file.ts';

/*
 * Requests that wait for the lock: a file for each, whose name says which place it has in the queue, which process
 * waits for it, and for which guest it is. The process that has the lock carries out all of them and leaves an answer beside each; so a host that
 * boots changes the kernel's rules a few times, not once for each guest. A request whose process gave up stays until it
 * is done.
 */

/** A request in the queue: the name of its file without the ending. */
export type Ticket = string;

export interface QueuedText {
  readonly ticket: Ticket;
  /** Undefined: the file cannot be read. */
  readonly text: string | undefined;
}

const folder = stateFiles.requests;
const ending = '.request';

/**
 * Adds a request at the end of the queue. The places are numbers, each one higher than all that are taken: a request
 * that was queued after another is done after it, whatever the clock says. Two that are queued at the same moment may
 * get one number; then neither came first.
 *
 * @param guest the guest's record name
 * @param waits whether this process waits for the answer
 */
export function enqueue(guest: string, text: string, waits: boolean): Ticket {
  const last = Math.max(0, ...tickets().map((ticket) => Number.parseInt(ticket, 10) || 0));
  for (let count = 0; ; count++) {
    const ticket = `${String(last + 1).padStart(10, '0')}-${waits ? process.pid : 0}-${count}.${guest}`;
    if (existsSync(join(folder, ticket + ending))) continue;
    writeWhole(join(folder, ticket + ending), text);
    return ticket;
  }
}

/** All that waits, in its order. */
export function queued(): QueuedText[] {
  return tickets().map((ticket) => ({ ticket, text: readOrNothing(join(folder, ticket + ending)) }));
}

/** Whether something waits: for this guest, or for any. */
export function isWaiting(guest?: string): boolean {
  return tickets().some((ticket) => guest === undefined || ticket.endsWith(`.${guest}`));
}

/** The record name of the guest that a request is for. */
export function guestOfTicket(ticket: Ticket): string {
  return ticket.slice(ticket.indexOf('.') + 1);
}

/** Tells the process that waits what became of its request, if it still does, and removes the request. */
export function answer(ticket: Ticket, text: string): void {
  const process = /-(\d+)-\d+\./.exec(ticket)?.[1];
  if (existsSync(`/proc/${process}`)) writeWhole(join(folder, `${ticket}.answer`), text);
  removeFile(join(folder, ticket + ending));
}

/** What became of the request; undefined as long as it waits. */
export function takeAnswer(ticket: Ticket): string | undefined {
  const path = join(folder, `${ticket}.answer`);
  const text = readText(path);
  if (text !== undefined) removeFile(path);
  return text;
}

/** Moves a request that cannot be read out of the way. @returns where it is now */
export function setRequestAside(ticket: Ticket): string {
  return setAside(join(folder, ticket + ending));
}

/** Removes the answers to processes that have ended without taking them. */
export function removeOldAnswers(): void {
  for (const name of readFolder(folder)) {
    const writer = /-(\d+)-\d+\..*\.answer$/.exec(name)?.[1];
    if (writer !== undefined && !existsSync(`/proc/${writer}`)) removeFile(join(folder, name));
  }
}

function readOrNothing(path: string): string | undefined {
  try {
    return readText(path);
  } catch {
    return undefined;
  }
}

function tickets(): Ticket[] {
  return readFolder(folder).flatMap((name) => (name.endsWith(ending) ? [name.slice(0, -ending.length)] : []));
}
