import type { AST } from 'toml-eslint-parser';
import type { ForwardPlace } from './forward-place.ts';
import { endOfLine, indentBefore, type Splice, startOfLine, type TomlSyntax } from './toml-syntax.ts';
import { type ForwardEntry, renderEntry, renderKey, renderPairs } from './toml-text.ts';

type Editable = Exclude<ForwardPlace, { kind: 'strange' }>;

/**
 * What has to be put into a file so that it says some forwards more, in the way in which it says others.
 *
 * @param guest the key that the guest gets where the file does not have it yet
 */
export function addForwards(
  syntax: TomlSyntax,
  place: Editable,
  guest: string,
  entries: readonly ForwardEntry[],
): Splice[] {
  const rendered = entries.map(renderEntry);
  const assignment = `forward = [${rendered.join(', ')}]`;
  switch (place.kind) {
    case 'list':
      return intoList(syntax, place.array, rendered);
    case 'text': {
      const [start, end] = place.value.range;
      return [put(start, '['), put(end, `, ${rendered.join(', ')}]`)];
    }
    case 'tables':
      return behindTables(syntax, place.tables, entries);
    case 'header':
      return [intoTable(syntax, place.table, rendered)];
    case 'inline':
      return [intoInlineTable(place.table, assignment)];
    case 'dotted':
      return [behindDotted(syntax, place.pair, place.parts, assignment)];
    case 'nowhere':
      return [atTheEnd(syntax, `[guest.${renderKey(guest)}]`, assignment)];
  }
}

function put(position: number, text: string): Splice {
  return { start: position, end: position, text };
}

/** A line each, where the last entry has a line of its own; behind the last entry otherwise. */
function intoList({ text, tokens, newline }: TomlSyntax, array: AST.TOMLArray, entries: string[]): Splice[] {
  const last = array.elements.at(-1);
  if (last === undefined) return [intoEmptyList(text, array, entries, newline)];
  const end = last.range[1];
  const indent = indentBefore(text, last.range[0]);
  if (indent === undefined) return [put(end, `, ${entries.join(', ')}`)];
  const comma = tokens.find(
    ({ type, value, range }) =>
      type === 'Punctuator' && value === ',' && range[0] >= end && range[1] <= array.range[1],
  );
  const lineEnd = endOfLine(text, comma?.range[1] ?? end);
  if (array.range[1] <= lineEnd) {
    return [put(end, entries.map((entry) => `,${newline}${indent}${entry}`).join(''))];
  }
  const lines = entries.map((entry) => `${newline}${indent}${entry}`);
  if (comma !== undefined) return [put(lineEnd, lines.map((line) => `${line},`).join(''))];
  return [put(end, ','), put(lineEnd, lines.join(','))];
}

function intoEmptyList(text: string, array: AST.TOMLArray, entries: string[], newline: string): Splice {
  const [start, end] = [array.range[0] + 1, array.range[1] - 1];
  const inside = text.slice(start, end);
  if (!inside.includes('\n')) return { start, end, text: entries.join(', ') };
  const closing = startOfLine(text, end);
  const indent = /\n([ \t]*)#/.exec(inside)?.[1] ?? `${indentBefore(text, end) ?? ''}  `;
  return put(closing, entries.map((entry) => `${indent}${entry},${newline}`).join(''));
}

/** A table each, like those that are there; set apart by an empty line if those are. */
function behindTables(
  { text, newline }: TomlSyntax,
  tables: readonly AST.TOMLTable[],
  entries: readonly ForwardEntry[],
): Splice[] {
  const last = tables.at(-1) as AST.TOMLTable;
  const header = `[[${text.slice(...last.key.range)}]]`;
  const indent = indentBefore(text, last.range[0]) ?? '';
  const gap = /\n[ \t]*\r?\n[ \t]*$/.test(text.slice(0, last.range[0])) ? newline : '';
  const blocks = entries.map((entry) =>
    [header, ...(typeof entry === 'string' ? [] : renderPairs(entry))]
      .map((line) => `${newline}${indent}${line}`)
      .join(''),
  );
  return [put(endOfLine(text, last.range[1]), blocks.map((block) => gap + block).join(''))];
}

/** Below the table's last key, its equals sign in line with that of the key above. */
function intoTable({ text, newline }: TomlSyntax, table: AST.TOMLTable, entries: string[]): Splice {
  const last = table.body.at(-1);
  const above = last === undefined ? '' : text.slice(last.key.range[0], last.value.range[0]);
  const width = above.includes(' =') ? above.indexOf('=') - 1 : 0;
  const indent = indentBefore(text, last?.range[0] ?? table.range[0]) ?? '';
  const line = `${newline}${indent}${'forward'.padEnd(width)} = [${entries.join(', ')}]`;
  return put(endOfLine(text, last?.range[1] ?? table.key.range[1]), line);
}

function intoInlineTable(table: AST.TOMLInlineTable, assignment: string): Splice {
  const last = table.body.at(-1);
  if (last !== undefined) return put(last.range[1], `, ${assignment}`);
  return { start: table.range[0] + 1, end: table.range[1] - 1, text: ` ${assignment} ` };
}

function behindDotted(
  { text, newline }: TomlSyntax,
  pair: AST.TOMLKeyValue,
  parts: number,
  assignment: string,
): Splice {
  const { keys, range } = pair.key;
  const prefix = text.slice(range[0], keys[parts - 1]?.range[1]);
  if (pair.parent.type === 'TOMLInlineTable') return put(pair.range[1], `, ${prefix}.${assignment}`);
  const indent = indentBefore(text, pair.range[0]) ?? '';
  return put(endOfLine(text, pair.range[1]), `${newline}${indent}${prefix}.${assignment}`);
}

function atTheEnd({ text, newline }: TomlSyntax, header: string, assignment: string): Splice {
  const gap = text.trim() === '' ? '' : `${text.endsWith('\n') ? '' : newline}${newline}`;
  return put(text.length, `${gap}${header}${newline}${assignment}${newline}`);
}
