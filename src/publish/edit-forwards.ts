import { parse, TomlError } from 'smol-toml';
import type { Problem } from '../model/problem.ts';
import { readForwards } from '../policy/forward-list.ts';
import { lineOf } from '../policy/toml-lines.ts';
import { isTable } from '../policy/validate.ts';
import { addForwards } from './add-forwards.ts';
import { findForwards } from './forward-place.ts';
import { entryOf, type NewForward, tableOf } from './new-forwards.ts';
import { removeForwards } from './remove-forward.ts';
import { applySplices, parseSyntax } from './toml-syntax.ts';
import type { ForwardEntry } from './toml-text.ts';

/** What is to be changed: entries go by their index in the file, new ones come behind those that stay. */
export interface ForwardEdit {
  readonly add: readonly NewForward[];
  readonly remove: readonly number[];
}

/**
 * Changes a guest's forwards in the text of a configuration file, and nothing else in it: comments, order and
 * formatting stay. The text that comes out is read again, and must say what was wanted and, besides, what it
 * said before.
 *
 * @param guest the guest's key in the file; one that is not there yet is added at the end
 * @returns the new text, or why this file is better edited by hand
 */
export function editForwards(
  file: { readonly path: string; readonly text: string },
  guest: string,
  edit: ForwardEdit,
): { readonly text: string } | { readonly problem: Problem } {
  const mark = file.text.startsWith('\ufeff') ? '\ufeff' : '';
  const before = file.text.slice(mark.length);
  const edited = rewrite(before, guest, edit);
  if (typeof edited === 'object' && says(edited.text, before, guest, edit.remove, edited.added)) {
    return { text: mark + edited.text };
  }
  const line = typeof edited === 'number' ? edited : lineOf(before, ['guest', guest, 'forward', 0]);
  return {
    problem: {
      where: `${file.path}:${line}`,
      problem: 'the forwards are written in a way that cannot be changed safely',
      hint: 'edit the file by hand, then: guestgate replay',
    },
  };
}

/** @returns the number of the line that stands in the way, if one is known */
function rewrite(
  before: string,
  guest: string,
  { add, remove }: ForwardEdit,
): { text: string; added: ForwardEntry[] } | number | undefined {
  if (add.length + remove.length === 0) return { text: before, added: [] };
  const syntax = parseSyntax(before);
  if (syntax === undefined) return undefined;
  const place = findForwards(syntax, guest);
  if (place.kind === 'strange') return place.line;
  if (remove.length === 0) {
    const added = add.map(place.kind === 'tables' ? tableOf : entryOf);
    return { text: applySplices(before, addForwards(syntax, place, guest, added)), added };
  }
  if (place.kind !== 'list' && place.kind !== 'text' && place.kind !== 'tables') return undefined;
  const rest = applySplices(before, removeForwards(syntax, place, remove));
  return rewrite(rest, guest, { add, remove: [] });
}

/** Whether a text says of the guest's forwards what is wanted, and of all else what the other text says. */
function says(
  text: string,
  before: string,
  guest: string,
  removed: readonly number[],
  added: readonly ForwardEntry[],
): boolean {
  const [is, was] = [tryToParse(text), tryToParse(before)];
  if (is === undefined || was === undefined) return false;
  const wanted = forwardsIn(was, guest).filter((_, index) => !removed.includes(index));
  return (
    canonical(forwardsIn(is, guest)) === canonical([...wanted, ...added]) &&
    canonical(withoutForwards(is, guest)) === canonical(withoutForwards(was, guest))
  );
}

type Table = Readonly<Record<string, unknown>>;

function tryToParse(text: string): Table | undefined {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof TomlError) return undefined;
    throw error;
  }
}

/** The entries of a guest's `forward`, as they stand there; a single text counts as a list of one. */
export function forwardsIn(document: Table, guest: string): unknown[] {
  const guests = document['guest'];
  const table = isTable(guests) && Object.hasOwn(guests, guest) ? guests[guest] : undefined;
  const forward = isTable(table) ? table['forward'] : undefined;
  return forward === undefined ? [] : [forward].flat();
}

/**
 * The entries that forwards stand in: one of several protocols (`53/tcp+udp`) is several forwards.
 *
 * @param forwards indexes of forwards, as the policy has them
 * @returns indexes of entries; or the entry of which only some forwards are meant
 */
export function entriesWith(
  text: string,
  guest: string,
  forwards: readonly number[],
): { readonly entries: readonly number[] } | { readonly partly: string } {
  const all = forwardsIn(tryToParse(text) ?? {}, guest);
  let next = 0;
  const entries: number[] = [];
  for (const [index, entry] of all.entries()) {
    const count = readForwards([entry], { file: '', path: [] }, [])?.length ?? 0;
    const meant = forwards.filter((one) => one >= next && one < next + count).length;
    if (meant > 0 && meant < count) return { partly: JSON.stringify(entry) };
    if (meant > 0) entries.push(index);
    next += count;
  }
  return { entries };
}

/** A guest of whom nothing else is said counts as none. */
function withoutForwards(document: Table, guest: string): Table {
  const guests = Object.entries(isTable(document['guest']) ? document['guest'] : {}).flatMap(
    ([name, table]) => {
      if (name !== guest || !isTable(table)) return [[name, table]];
      const rest = Object.entries(table).filter(([key]) => key !== 'forward');
      return rest.length === 0 ? [] : [[name, Object.fromEntries(rest)]];
    },
  );
  return { ...document, guest: guests };
}

/** The same text for the same value, whatever the order of keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isTable(value)) return JSON.stringify(value) ?? 'undefined';
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}
