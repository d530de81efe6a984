import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type HookCall, hookNames } from '../model/event.ts';
import { isCount, isObject, isOneOf, isText } from '../model/shape.ts';
import { stateFiles } from '../model/state-files.ts';
import { bestEffort } from '../system/best-effort.ts';
import { readFolder, removeOrphans } from '../system/files.ts';
import { readState, type StateRead, writeState } from './state-file.ts';

/** A call of a hook, and what became of it. */
export interface HookEvent {
  /** Counts the calls since boot. */
  readonly number: number;
  /** When it began. */
  readonly at: string;
  /** `vif`: a script of Xen's called guestgate; `local`: a local guest was reported as up or down. */
  readonly hook: HookCall['hook'] | 'vif' | 'local';
  /** The guest, the network, or `-`. */
  readonly object: string;
  readonly operation: string;
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly exitCode: number;
  readonly milliseconds: number;
  /** What `recordedXml()` keeps of the XML that it was called with. */
  readonly xml?: string;
}

/** How many are kept: each has a file of its own, which the call that is so many later replaces. */
export const keptEvents = 1000;

const folder = stateFiles.events;
const format = 1;
const hasShape = isObject({
  number: isCount,
  at: isText,
  hook: isOneOf(...hookNames, 'vif', 'local'),
  object: isText,
  operation: isText,
  level: isOneOf('error', 'warn', 'info', 'debug'),
  message: isText,
  exitCode: isCount,
  milliseconds: isCount,
  'xml?': isText,
});

/** No lock: no other call has the number. A full or read-only file system is no reason to fail. */
export function writeHookEvent(event: HookEvent): void {
  bestEffort('recording the event', () => writeState(fileOf(event.number), format, event));
}

/** The event of that number; missing, too, if a later one has its place. */
export function readHookEvent(number: number): StateRead<HookEvent> {
  const read = readState<HookEvent>(fileOf(number), format, hasShape);
  return read.kind === 'read' && read.value.number !== number ? { kind: 'missing' } : read;
}

/** A file of an event, as a reader that looks again and again compares it. */
export interface EventFile {
  readonly path: string;
  /** Another one after each change. */
  readonly stamp: string;
}

export function eventFiles(): EventFile[] {
  return readFolder(folder).flatMap((name) => {
    const path = join(folder, name);
    const status = name.endsWith('.json') ? statSync(path, { throwIfNoEntry: false }) : undefined;
    return status === undefined ? [] : [{ path, stamp: `${status.ino} ${status.mtimeMs}` }];
  });
}

/** Events, the oldest first, and what is wrong with files that cannot be read: each concerns itself alone. */
export function readHookEvents(files: readonly EventFile[] = eventFiles()): {
  readonly events: readonly HookEvent[];
  readonly damaged: readonly { readonly path: string; readonly why: string }[];
} {
  const read = files.map(({ path }) => ({ path, read: readState<HookEvent>(path, format, hasShape) }));
  const events = read.flatMap(({ read: one }) => (one.kind === 'read' ? [one.value] : []));
  return {
    events: events.sort((a, b) => a.number - b.number),
    damaged: read.flatMap(({ path, read: one }) =>
      one.kind === 'unreadable' ? [{ path, why: one.why }] : [],
    ),
  };
}

/** Removes what writing an event left behind when the process was killed. */
export function removeEventOrphans(): void {
  removeOrphans(folder);
}

function fileOf(number: number): string {
  return join(folder, `${number % keptEvents}.json`);
}
