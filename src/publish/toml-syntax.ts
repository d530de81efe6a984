import type { AST } from 'toml-eslint-parser';
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';

/** A TOML text without byte order mark, and the positions of everything in it, in UTF-16 units. */
export interface TomlSyntax {
  readonly text: string;
  readonly root: AST.TOMLTopLevelTable;
  readonly tokens: readonly AST.Token[];
  /** The end of its lines. */
  readonly newline: '\n' | '\r\n';
}

/** Replaces the characters from `start` to before `end`; inserts the text if both are the same. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @returns undefined if the parser refuses the text: it and the parser of policies differ in some details */
export function parseSyntax(text: string): TomlSyntax | undefined {
  try {
    const { body, tokens } = parseTOML(text, { tomlVersion: 'latest' });
    return { text, root: body[0], tokens, newline: text.includes('\r\n') ? '\r\n' : '\n' };
  } catch {
    return undefined;
  }
}

/** @param splices in any order, without overlaps; those at one position in their order */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = '';
  let position = 0;
  for (const { start, end, text: put } of [...splices].sort((a, b) => a.start - b.start)) {
    result += text.slice(position, start) + put;
    position = end;
  }
  return result + text.slice(position);
}

/** A key and its value, with its whole path: the table that contains it, and the parts of a dotted key. */
export interface Pair {
  readonly path: readonly (string | number)[];
  /** How many parts of the path belong to its table; the others belong to the key. */
  readonly depth: number;
  readonly node: AST.TOMLKeyValue;
}

/** Every key of the document, with the keys of inline tables. */
export function* pairsOf(root: AST.TOMLTopLevelTable): Generator<Pair> {
  for (const node of root.body) {
    if (node.type === 'TOMLTable') yield* pairsIn(node.body, node.resolvedKey);
    else yield* pairsIn([node], []);
  }
}

function* pairsIn(body: readonly AST.TOMLKeyValue[], base: readonly (string | number)[]): Generator<Pair> {
  for (const node of body) {
    const path = [...base, ...node.key.keys.map((part) => getStaticTOMLValue(part) as string)];
    yield { path, depth: base.length, node };
    if (node.value.type === 'TOMLInlineTable') yield* pairsIn(node.value.body, path);
  }
}

/** The end of the line of a position, before its newline. */
export function endOfLine(text: string, position: number): number {
  const newline = text.indexOf('\n', position);
  if (newline < 0) return text.length;
  return newline > position && text[newline - 1] === '\r' ? newline - 1 : newline;
}

export function startOfLine(text: string, position: number): number {
  return text.lastIndexOf('\n', position - 1) + 1;
}

/** The text between the start of the line and a position, if it is blank. */
export function indentBefore(text: string, position: number): string | undefined {
  const before = text.slice(startOfLine(text, position), position);
  return /^[ \t]*$/.test(before) ? before : undefined;
}

/** The first comma between two positions, outside of values and comments. */
export function findComma({ tokens }: TomlSyntax, start: number, end: number): AST.Token | undefined {
  return tokens.find(
    ({ type, value, range }) =>
      type === 'Punctuator' && value === ',' && range[0] >= start && range[1] <= end,
  );
}
