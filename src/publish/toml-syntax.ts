import type { AST } from 'toml-eslint-parser';
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';

/** A TOML text with the positions of everything in it, counted from the first character behind a byte order mark. */
export interface TomlSyntax {
  readonly text: string;
  readonly root: AST.TOMLTopLevelTable;
  readonly tokens: readonly AST.Token[];
  readonly comments: readonly AST.Comment[];
  /** How its lines end. */
  readonly newline: '\n' | '\r\n';
}

/** Some characters of a text, replaced by others; a text is put in where `start` is `end`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** @returns undefined where the parser cannot follow: it and the one that reads policies do not agree on everything */
export function parseSyntax(text: string): TomlSyntax | undefined {
  try {
    const { body, tokens, comments } = parseTOML(text, { tomlVersion: 'latest' });
    return { text, root: body[0], tokens, comments, newline: text.includes('\r\n') ? '\r\n' : '\n' };
  } catch {
    return undefined;
  }
}

/** @param splices in any order, none of them overlapping another; those at one place in the order given */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = '';
  let position = 0;
  for (const { start, end, text: put } of [...splices].sort((a, b) => a.start - b.start)) {
    result += text.slice(position, start) + put;
    position = end;
  }
  return result + text.slice(position);
}

/** A key and its value, and the whole way to it: the table it stands in, and the parts of a dotted key. */
export interface Pair {
  readonly path: readonly (string | number)[];
  /** How many parts of the path its table has: the rest are the key's own. */
  readonly depth: number;
  readonly node: AST.TOMLKeyValue;
}

/** Every key of the document, those of inline tables included. */
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

/** Where the line that holds a position ends, before its newline. */
export function endOfLine(text: string, position: number): number {
  const newline = text.indexOf('\n', position);
  if (newline < 0) return text.length;
  return newline > position && text[newline - 1] === '\r' ? newline - 1 : newline;
}

export function startOfLine(text: string, position: number): number {
  return text.lastIndexOf('\n', position - 1) + 1;
}

/** What stands before a position on its line, if that is nothing but blanks. */
export function indentBefore(text: string, position: number): string | undefined {
  const before = text.slice(startOfLine(text, position), position);
  return /^[ \t]*$/.test(before) ? before : undefined;
}
