import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { places } from '../model/places.ts';
import { readFolder, readText, removeFile, writeWhole } from './files.ts';

/*
 * What waits for the lock: a file for each wish, whose name says when it came, from which process, and for which
 * guest. Whoever has the lock does all that waits and leaves an answer beside each; so a host that boots changes the
 * kernel's rules a few times, not once for each guest. A wish whose process gave up stays until it is done.
 */

/** A wish in the queue: the name of its file without the ending. */
export type Ticket = string;

export interface Waiting {
  readonly ticket: Ticket;
  readonly text: string;
}

const folder = join(places.state, 'wishes');

let count = 0;

/** @param guest the guest's record name */
export function enqueue(guest: string, text: string): Ticket {
  const ticket = `${String(Date.now()).padStart(14, '0')}-${process.pid}-${count++}.${guest}`;
  writeWhole(join(folder, `${ticket}.wish`), text);
  return ticket;
}

/** All that waits, in the order of its coming. */
export function waiting(): Waiting[] {
  return tickets().flatMap((ticket) => {
    const text = readText(join(folder, `${ticket}.wish`));
    return text === undefined ? [] : [{ ticket, text }];
  });
}

/** Whether something waits: for this guest, or for any. */
export function isWaiting(guest?: string): boolean {
  return tickets().some((ticket) => guest === undefined || ticket.endsWith(`.${guest}`));
}

/** Tells the process that waits what became of its wish, if it still does, and removes the wish. */
export function answer(ticket: Ticket, text: string): void {
  const process = /-(\d+)-\d+\./.exec(ticket)?.[1];
  if (existsSync(`/proc/${process}`)) writeWhole(join(folder, `${ticket}.answer`), text);
  removeFile(join(folder, `${ticket}.wish`));
}

/** What became of the wish; undefined as long as it waits. */
export function takeAnswer(ticket: Ticket): string | undefined {
  const path = join(folder, `${ticket}.answer`);
  const text = readText(path);
  if (text !== undefined) removeFile(path);
  return text;
}

/** Removes answers that nobody takes any more. */
export function removeOldAnswers(): void {
  for (const name of readFolder(folder)) {
    const writer = /-(\d+)-\d+\..*\.answer/.exec(name)?.[1];
    if (writer !== undefined && !existsSync(`/proc/${writer}`)) removeFile(join(folder, name));
  }
}

function tickets(): Ticket[] {
  return readFolder(folder).flatMap((name) => (name.endsWith('.wish') ? [name.slice(0, -5)] : []));
}
