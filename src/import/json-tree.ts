import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

/** Why a text is invalid JSON, and the line (from 1) of the first mistake. */
export interface JsonMistake {
  readonly line: number;
  readonly mistake: string;
}

/**
 * Parses JSON with comments in both styles of JavaScript.
 *
 * @returns the syntax tree, in which an object keeps a member for each time that a name occurs
 */
export function parseJson(text: string): Node | JsonMistake {
  const errors: ParseError[] = [];
  const root = parse(text.replace(/^\ufeff/, ' '), errors);
  const [first] = errors;
  if (root !== undefined && first === undefined) return root;
  return { line: lineAt(text, first?.offset ?? 0), mistake: first ? wordsOf(first) : 'nested too deeply' };
}

export function isMistake(parsed: Node | JsonMistake): parsed is JsonMistake {
  return 'mistake' in parsed;
}

/** The line (from 1) of an offset in a text. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** @returns undefined if the parser, which calls itself for each value inside another, runs out of stack */
function parse(text: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(text, errors);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** `CommaExpected` as `comma expected`. */
function wordsOf({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replaceAll(/(?<=[a-z])[A-Z]/g, ' $&')
    .toLowerCase();
}
