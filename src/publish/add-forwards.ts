import type { AST } from 'toml-eslint-parser';
import type { DefinedPlace, FreePlace } from './forward-place.ts';
import {
  endOfLine,
  findComma,
  indentBefore,
  type Splice,
  startOfLine,
  type TomlSyntax,
} from './toml-syntax.ts';
import { type ForwardEntry, renderEntry, renderKey, renderPairs } from './toml-text.ts';

/**
 * Adds forwards to a file, in the form and layout of the forwards that it contains.
 *
 * @param guest the guest's key, for a file that does not contain the guest
 */
export function addForwards(
  syntax: TomlSyntax,
  place: DefinedPlace | FreePlace,
  guest: string,
  entries: readonly ForwardEntry[],
): Splice[] {
  const rendered = entries.map(renderEntry);
  const value = `[${rendered.join(', ')}]`;
  switch (place.kind) {
    case 'list':
      return intoList(syntax, place.array, rendered);
    case 'text': {
      const [start, end] = place.value.range;
      return [put(start, '['), put(end, `, ${rendered.join(', ')}]`)];
    }
    case 'tables':
      return [afterTables(syntax, place.tables, entries)];
    case 'pair':
      return [afterPair(syntax, place.pair, `${place.prefix}forward`, value)];
    case 'empty':
      return [intoEmptyTable(syntax, place.table, `forward = ${value}`)];
    case 'none':
      return [atTheEnd(syntax, `[guest.${renderKey(guest)}]`, `forward = ${value}`)];
  }
}

function put(position: number, text: string): Splice {
  return { start: position, end: position, text };
}

/** A line for each, if the last entry has a line of its own; else on the line of the last entry. */
function intoList(syntax: TomlSyntax, array: AST.TOMLArray, entries: string[]): Splice[] {
  const { text, newline } = syntax;
  const last = array.elements.at(-1);
  if (last === undefined) return [intoEmptyList(syntax, array, entries)];
  const end = last.range[1];
  const indent = indentBefore(text, last.range[0]);
  if (indent === undefined) return [put(end, `, ${entries.join(', ')}`)];
  const comma = findComma(syntax, end, array.range[1]);
  const lineEnd = endOfLine(text, comma?.range[1] ?? end);
  const lines = entries.map((entry) => `${newline}${indent}${entry}`);
  if (array.range[1] <= lineEnd) return [put(end, lines.map((line) => `,${line}`).join(''))];
  if (comma !== undefined) return [put(lineEnd, lines.map((line) => `${line},`).join(''))];
  return [put(end, ','), put(lineEnd, lines.join(','))];
}

function intoEmptyList({ text, newline }: TomlSyntax, array: AST.TOMLArray, entries: string[]): Splice {
  const [start, end] = [array.range[0] + 1, array.range[1] - 1];
  const inside = text.slice(start, end);
  if (!inside.includes('\n')) return { start, end, text: entries.join(', ') };
  const indent = /\n([ \t]*)#/.exec(inside)?.[1] ?? `${indentBefore(text, end) ?? ''}  `;
  return put(startOfLine(text, end), entries.map((entry) => `${indent}${entry},${newline}`).join(''));
}

/** One table per forward, with an empty line before it if the last table has one. */
function afterTables(
  { text, newline }: TomlSyntax,
  tables: readonly AST.TOMLTable[],
  entries: readonly ForwardEntry[],
): Splice {
  const last = tables.at(-1) as AST.TOMLTable;
  const header = `[[${text.slice(...last.key.range)}]]`;
  const indent = indentBefore(text, last.range[0]) ?? '';
  const gap = /\n[ \t]*\r?\n[ \t]*$/.test(text.slice(0, last.range[0])) ? newline : '';
  const blocks = entries.map((entry) =>
    [header, ...(typeof entry === 'string' ? [] : renderPairs(entry))]
      .map((line) => `${newline}${indent}${line}`)
      .join(''),
  );
  return put(endOfLine(text, last.range[1]), blocks.map((block) => gap + block).join(''));
}

/** In an inline table on the same line; else on the next line, its equals sign below that of the pair. */
function afterPair(
  { text, newline }: TomlSyntax,
  pair: AST.TOMLKeyValue,
  key: string,
  value: string,
): Splice {
  if (pair.parent.type === 'TOMLInlineTable') return put(pair.range[1], `, ${key} = ${value}`);
  const before = text.slice(pair.range[0], pair.value.range[0]);
  const width = before.includes(' =') ? before.lastIndexOf('=') - 1 : 0;
  const indent = indentBefore(text, pair.range[0]) ?? '';
  return put(endOfLine(text, pair.range[1]), `${newline}${indent}${key.padEnd(width)} = ${value}`);
}

function intoEmptyTable(
  { text, newline }: TomlSyntax,
  table: AST.TOMLTable | AST.TOMLInlineTable,
  assignment: string,
): Splice {
  const [start, end] = table.range;
  if (table.type === 'TOMLInlineTable') return { start: start + 1, end: end - 1, text: ` ${assignment} ` };
  const indent = indentBefore(text, start) ?? '';
  return put(endOfLine(text, table.key.range[1]), `${newline}${indent}${assignment}`);
}

function atTheEnd({ text, newline }: TomlSyntax, header: string, assignment: string): Splice {
  const gap = text.trim() === '' ? '' : `${text.endsWith('\n') ? '' : newline}${newline}`;
  return put(text.length, `${gap}${header}${newline}${assignment}${newline}`);
}
