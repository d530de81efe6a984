import type { AST } from 'toml-eslint-parser';
import type { ForwardPlace } from './forward-place.ts';
import {
  applySplices,
  endOfLine,
  indentBefore,
  parseSyntax,
  type Splice,
  startOfLine,
  type TomlSyntax,
} from './toml-syntax.ts';

type Removable = Extract<ForwardPlace, { kind: 'list' | 'text' | 'tables' }>;

/** What has to be taken out of a file so that it does not say some forwards any more: each with its own comment. */
export function removeForwards(syntax: TomlSyntax, place: Removable, indexes: readonly number[]): Splice[] {
  switch (place.kind) {
    case 'list':
      return [outOfList(syntax, place.array, indexes)];
    case 'text':
      return [{ start: place.value.range[0], end: place.value.range[1], text: '[]' }];
    case 'tables':
      return indexes.map((index) => wholeTable(syntax, place.tables[index] as AST.TOMLTable));
  }
}

/** One after the other, and each time the list alone is parsed anew: with thousands of guests a whole file takes a second. */
function outOfList({ text }: TomlSyntax, array: AST.TOMLArray, indexes: readonly number[]): Splice {
  const [start, end] = array.range;
  const key = 'x='.padEnd(start - startOfLine(text, start));
  let list = key + text.slice(start, end);
  for (const index of [...indexes].sort((a, b) => b - a)) {
    const syntax = parseSyntax(list);
    const pair = syntax?.root.body[0];
    if (syntax === undefined || pair?.type !== 'TOMLKeyValue' || pair.value.type !== 'TOMLArray') break;
    list = applySplices(list, entryOutOfList(syntax, pair.value, index));
  }
  return { start, end, text: list.slice(key.length) };
}

function entryOutOfList(syntax: TomlSyntax, array: AST.TOMLArray, index: number): Splice[] {
  const { text } = syntax;
  const [start, end] = (array.elements[index] as AST.TOMLContentNode).range;
  const before = array.elements[index - 1];
  const after = array.elements[index + 1];
  const commaBefore = before && commaIn(syntax, before.range[1], start);
  const commaAfter = commaIn(syntax, end, after?.range[0] ?? array.range[1]);
  const separator = after === undefined && commaAfter === undefined ? commaBefore : undefined;
  const lines = ownLines(syntax, start, commaAfter?.range[1] ?? end);
  if (lines !== undefined) return [lines, ...(separator === undefined ? [] : [cut(...separator.range)])];

  const isBlank = (from: number, to: number) => /^[ \t]*$/.test(text.slice(from, to));
  const adjoins = commaBefore !== undefined && isBlank(commaBefore.range[1], start);
  if (after !== undefined && commaAfter !== undefined) {
    if (isBlank(commaAfter.range[1], after.range[0])) return [cut(start, after.range[0])];
    return [cut(adjoins ? commaBefore.range[1] : start, commaAfter.range[1])];
  }
  if (commaBefore !== undefined) {
    if (adjoins) return [cut(commaBefore.range[0], end)];
    if (commaAfter !== undefined) return [cut(start, commaAfter.range[1])];
    return [cut(...commaBefore.range), cut(start, end)];
  }
  const inside = text.slice(array.range[0] + 1, array.range[1] - 1);
  if (!inside.includes('\n')) return [cut(array.range[0] + 1, array.range[1] - 1)];
  return [cut(start, commaAfter?.range[1] ?? end)];
}

function cut(start: number, end: number): Splice {
  return { start, end, text: '' };
}

function commaIn({ tokens }: TomlSyntax, start: number, end: number): AST.Token | undefined {
  return tokens.find(
    ({ type, value, range }) =>
      type === 'Punctuator' && value === ',' && range[0] >= start && range[1] <= end,
  );
}

/** The lines from `start` to `end`, if nothing else stands on them than a comment at the end, which goes too. */
function ownLines({ text }: TomlSyntax, start: number, end: number): Splice | undefined {
  if (indentBefore(text, start) === undefined) return undefined;
  const rest = text.slice(end, endOfLine(text, end));
  if (!/^[ \t]*(#.*)?$/.test(rest)) return undefined;
  return cut(startOfLine(text, start), startOfNextLine(text, end));
}

/** From its header to its last key; where it stood between empty lines, one of them is left. */
function wholeTable({ text }: TomlSyntax, table: AST.TOMLTable): Splice {
  const start = startOfLine(text, table.range[0]);
  let end = startOfNextLine(text, table.range[1]);
  const apart = start === 0 || /\n[ \t]*\r?\n$/.test(text.slice(0, start));
  const blank = /^[ \t]*\r?\n/.exec(text.slice(end));
  if (apart && blank !== null) end += blank[0].length;
  return cut(start, end);
}

function startOfNextLine(text: string, position: number): number {
  const newline = text.indexOf('\n', position);
  return newline < 0 ? text.length : newline + 1;
}
