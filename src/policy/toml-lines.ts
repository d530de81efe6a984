import type { AST } from 'toml-eslint-parser';
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';

/**
 * The line (from 1) of a key or list entry of a TOML text, or of the nearest thing
 * around it. Parses the text again, with positions: for problems only. The two parsers do not agree on
 * everything that is TOML: if this one fails, the result is 1.
 */
export function lineOf(text: string, path: readonly (string | number)[]): number {
  const root = parseWithPositions(text.replace(/^\ufeff/, ''));
  if (root === undefined) return 1;
  let best = { depth: 0, line: 1 };
  const visit = (node: AST.TOMLNode, at: readonly (string | number)[]) => {
    if (at.length > best.depth && at.every((part, index) => part === path[index])) {
      best = { depth: at.length, line: node.loc.start.line };
    }
    if (at.length > 0 && at[0] !== path[0]) return;
    for (const [part, below] of entries(node)) visit(below, [...at, ...part]);
  };
  visit(root, []);
  return best.line;
}

function parseWithPositions(text: string): AST.TOMLTopLevelTable | undefined {
  try {
    return parseTOML(text, { tomlVersion: 'latest' }).body[0];
  } catch {
    return undefined;
  }
}

type Entry = readonly [readonly (string | number)[], AST.TOMLNode];

function entries(node: AST.TOMLNode): Entry[] {
  switch (node.type) {
    case 'TOMLTopLevelTable':
      return node.body.flatMap(entriesOfKey);
    case 'TOMLTable':
    case 'TOMLInlineTable':
      return node.body.flatMap(entriesOfKey);
    case 'TOMLKeyValue':
      return [[[], node.value]];
    case 'TOMLArray':
      return node.elements.map((element, index): Entry => [[index], element]);
    default:
      return [];
  }
}

/** A key may be dotted: each of its parts is a step of its own, all on the key's line. */
function entriesOfKey(node: AST.TOMLTable | AST.TOMLKeyValue): Entry[] {
  const key =
    node.type === 'TOMLTable'
      ? node.resolvedKey
      : node.key.keys.map((part) => getStaticTOMLValue(part) as string);
  return key.map((_, index): Entry => [key.slice(0, index + 1), index === key.length - 1 ? node : node.key]);
}
