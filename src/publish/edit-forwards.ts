import { isDeepStrictEqual } from 'node:util';
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

/** A change of a guest's forwards: removes entries by their index in the file, and adds new ones after the others. */
export interface ForwardEdit {
  readonly add: readonly NewForward[];
  readonly remove: readonly number[];
}

/**
 * Changes a guest's forwards in the text of a configuration file. Comments, order and layout of the file stay. The new
 * text is parsed again: it must contain the wanted forwards, and everything else that the old text contained.
 *
 * @param guest the guest's key in the file; a guest that the file does not contain is added at the end
 * @returns the new text, or why the administrator has to edit this file by hand
 */
export function editForwards(
  file: { readonly path: string; readonly text: string },
  guest: string,
  edit: ForwardEdit,
): { readonly text: string } | { readonly problem: Problem } {
  const mark = file.text.startsWith('\ufeff') ? '\ufeff' : '';
  const before = file.text.slice(mark.length);
  const edited = rewrite(before, guest, edit);
  if (typeof edited === 'object' && isAsWanted(edited, before, guest, edit.remove)) {
    return { text: mark + edited.text };
  }
  const line = typeof edited === 'number' ? edited : lineOf(before, ['guest', guest, 'forward', 0]);
  return {
    problem: {
      where: `${file.path}:${line}`,
      problem: 'guestgate cannot change forwards that are written in this form',
      hint: 'edit the file by hand, then run: guestgate apply',
    },
  };
}

interface Edited {
  readonly text: string;
  readonly added: readonly ForwardEntry[];
}

/** @returns the number of the line that the editor does not understand, if it is known */
function rewrite(before: string, guest: string, { add, remove }: ForwardEdit): Edited | number | undefined {
  if (add.length + remove.length === 0) return { text: before, added: [] };
  const syntax = parseSyntax(before);
  if (syntax === undefined) return undefined;
  const place = findForwards(syntax, guest);
  if (place.kind === 'unknown') return place.line;
  if (remove.length === 0) {
    const added = add.map(place.kind === 'tables' ? tableOf : entryOf);
    return { text: applySplices(before, addForwards(syntax, place, guest, added)), added };
  }
  if (place.kind !== 'list' && place.kind !== 'text' && place.kind !== 'tables') return undefined;
  const rest = applySplices(before, removeForwards(syntax, place, remove));
  return rewrite(rest, guest, { add, remove: [] });
}

function isAsWanted(
  { text, added }: Edited,
  before: string,
  guest: string,
  removed: readonly number[],
): boolean {
  const [is, was] = [tryToParse(text), tryToParse(before)];
  if (is === undefined || was === undefined) return false;
  const kept = forwardsIn(was, guest).filter((_, index) => !removed.includes(index));
  return isDeepStrictEqual(
    toPlain(withForwards(is, guest, forwardsIn(is, guest))),
    toPlain(withForwards(was, guest, [...kept, ...added])),
  );
}

/** Without prototypes, which the parser does not set: they would count in a comparison. */
function toPlain(document: Table): unknown {
  return JSON.parse(JSON.stringify(document));
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

/** The entries of a guest's `forward`; a single text is a list of one. */
export function forwardsIn(document: Table, guest: string): unknown[] {
  const forward = guestIn(document, guest)['forward'];
  return forward === undefined ? [] : [forward].flat();
}

function guestIn(document: Table, guest: string): Table {
  const guests = document['guest'];
  const table = isTable(guests) && Object.hasOwn(guests, guest) ? guests[guest] : undefined;
  return isTable(table) ? table : {};
}

/** A document with these forwards of a guest; a guest that it does not contain has no other keys. */
function withForwards(document: Table, guest: string, forward: readonly unknown[]): Table {
  const guests = isTable(document['guest']) ? document['guest'] : {};
  return { ...document, guest: { ...guests, [guest]: { ...guestIn(document, guest), forward } } };
}

/**
 * The entries of a file that define forwards: an entry with several protocols (`53/tcp+udp`) defines several.
 *
 * @param forwards indexes of forwards in the policy
 * @returns indexes of entries; or an entry that also defines other forwards
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
    const wanted = forwards.filter((forward) => forward >= next && forward < next + count).length;
    if (wanted > 0 && wanted < count) return { partly: JSON.stringify(entry) };
    if (wanted > 0) entries.push(index);
    next += count;
  }
  return { entries };
}
