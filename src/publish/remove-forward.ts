import type { AST } from 'toml-eslint-parser';
import type { DefinedPlace } from './forward-place.ts';
import {
  applySplices,
  endOfLine,
  findComma,
  indentBefore,
  parseSyntax,
  type Splice,
  startOfLine,
  type TomlSyntax,
} from './toml-syntax.ts';

/** Removes forwards from a file, each with the comment on its line. */
export function removeForwards(
  syntax: TomlSyntax,
  place: DefinedPlace,
  indexes: readonly number[],
): Splice[] {
  switch (place.kind) {
    case 'list':
      return [outOfList(syntax, place.array, indexes)];
    case 'text':
      return [{ start: place.value.range[0], end: place.value.range[1], text: '[]' }];
    case 'tables':
      return indexes.map((index) => wholeTable(syntax, place.tables[index] as AST.TOMLTable));
  }
}

/** One after the other, the last first. Only the list is parsed again: a file with thousands of guests takes a second. */
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

function entryOutOfList(syntax: TomlSyntax, { elements, range }: AST.TOMLArray, index: number): Splice[] {
  const { text } = syntax;
  const [start, end] = (elements[index] as AST.TOMLContentNode).range;
  const commaBefore = findComma(syntax, elements[index - 1]?.range[1] ?? start, start);
  const commaAfter = findComma(syntax, end, elements[index + 1]?.range[0] ?? range[1]);
  const own = ownLines(syntax, start, commaAfter?.range[1] ?? end);
  const alone = elements.length === 1 && !text.slice(...range).includes('\n');
  if (alone) return [cut(range[0] + 1, range[1] - 1)];
  if (own === undefined && commaBefore !== undefined && isBlank(text.slice(commaBefore.range[1], start)))
    return [cut(commaBefore.range[0], end)];
  if (own === undefined && commaAfter !== undefined)
    return [cut(start, endOfBlanks(text, commaAfter.range[1]))];
  // The comma before the last entry separates nothing any more.
  const separator = commaAfter === undefined ? commaBefore : undefined;
  return [own ?? cut(start, end), ...(separator === undefined ? [] : [cut(...separator.range)])];
}

function cut(start: number, end: number): Splice {
  return { start, end, text: '' };
}

function isBlank(text: string): boolean {
  return /^[ \t]*$/.test(text);
}

/** The lines from `start` to `end` with the comment on the last one, if they contain nothing else. */
function ownLines({ text }: TomlSyntax, start: number, end: number): Splice | undefined {
  if (indentBefore(text, start) === undefined) return undefined;
  const rest = text.slice(end, endOfLine(text, end));
  return /^[ \t]*(#.*)?$/.test(rest) ? cut(startOfLine(text, start), startOfNextLine(text, end)) : undefined;
}

/** From its header to its last key; of the empty lines before and after it, one stays. */
function wholeTable({ text }: TomlSyntax, table: AST.TOMLTable): Splice {
  const start = startOfLine(text, table.range[0]);
  let end = startOfNextLine(text, table.range[1]);
  const apart = start === 0 || /\n[ \t]*\r?\n$/.test(text.slice(0, start));
  const blank = /^[ \t]*\r?\n/.exec(text.slice(end));
  if (apart && blank !== null) end += blank[0].length;
  return cut(start, end);
}

function endOfBlanks(text: string, position: number): number {
  return position + (/^[ \t]*/.exec(text.slice(position))?.[0].length ?? 0);
}

function startOfNextLine(text: string, position: number): number {
  const newline = text.indexOf('\n', position);
  return newline < 0 ? text.length : newline + 1;
}
