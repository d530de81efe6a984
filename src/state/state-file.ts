import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../model/problem.ts';
import type { Shape } from '../model/shape.ts';
import { stateFiles } from '../model/state-files.ts';
import { readText, writeWhole } from '../system/files.ts';

/*
 * Files of the state folder: JSON with a format number. Another version of guestgate may have written a file, a full
 * disk may have cut it, and an administrator may have touched it: nothing in it is believed before it is checked.
 */

/** What a file of the state folder holds. */
export type StateRead<T> =
  | { readonly kind: 'missing' }
  | { readonly kind: 'read'; readonly value: T }
  /** `why` is the cause, for a message. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** The folder that unreadable files are moved to, so that an administrator can look at them. */
const aside = stateFiles.unreadable;

/**
 * Reads a file of the state folder. Never throws.
 *
 * @param format the number that the file has to begin with
 */
export function readState<T>(path: string, format: number, hasShape: Shape): StateRead<T> {
  let text: string | undefined;
  try {
    text = readText(path);
  } catch (error) {
    return { kind: 'unreadable', why: messageOf(error) };
  }
  return text === undefined ? { kind: 'missing' } : parseState(text, format, hasShape);
}

/** The same for a text that was read already. */
export function parseState<T>(text: string, format: number, hasShape: Shape): StateRead<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', why: 'its JSON is incomplete or invalid' };
  }
  const found = (value as { readonly format?: unknown } | null)?.format;
  if (found !== format) {
    const other = found === undefined ? 'no format number' : `format ${JSON.stringify(found)}`;
    return { kind: 'unreadable', why: `it has ${other}, and this version reads format ${format}` };
  }
  if (!hasShape(value)) return { kind: 'unreadable', why: `it does not have the fields of format ${format}` };
  return { kind: 'read', value: value as T };
}

/** @throws UserError if there is no room, or the file cannot be written */
export function writeState(path: string, format: number, value: object): void {
  writeWhole(path, JSON.stringify({ format, ...value }));
}

/**
 * Moves an unreadable file out of the way, whatever it is: a text, a folder, a pipe.
 *
 * @returns where it is now
 */
export function setAside(path: string): string {
  const target = join(aside, basename(path));
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  // What was set aside there before is the older one, and may be a folder.
  rmSync(target, { recursive: true, force: true });
  renameSync(path, target);
  return target;
}
