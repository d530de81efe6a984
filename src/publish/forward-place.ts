import type { AST } from 'toml-eslint-parser';
import { type Pair, pairsOf, type TomlSyntax } from './toml-syntax.ts';

/** Where a file defines a guest's forwards, in one of the three forms of TOML. */
export type DefinedPlace =
  /** `forward = [...]` */
  | { readonly kind: 'list'; readonly array: AST.TOMLArray }
  /** `forward = "80"` */
  | { readonly kind: 'text'; readonly value: AST.TOMLStringValue }
  /** `[[guest.web.forward]]`, one table per forward */
  | { readonly kind: 'tables'; readonly tables: readonly AST.TOMLTable[] };

/** Where a file can define the forwards of a guest that has none in it. */
export type FreePlace =
  /** After the last key of `[guest.web]` or `web = { ... }`, or after `web.address = ...` with `prefix` `web.` */
  | { readonly kind: 'pair'; readonly pair: AST.TOMLKeyValue; readonly prefix: string }
  /** `[guest.web]` or `web = {}` without keys */
  | { readonly kind: 'empty'; readonly table: AST.TOMLTable | AST.TOMLInlineTable }
  /** The file does not contain the guest. */
  | { readonly kind: 'none' };

/** A form that the editor does not change. */
export interface UnknownPlace {
  readonly kind: 'unknown';
  readonly line: number;
}

/** @param guest the guest's key in the file */
export function findForwards(
  { root, text }: TomlSyntax,
  guest: string,
): DefinedPlace | FreePlace | UnknownPlace {
  const isOfGuest = (path: readonly (string | number)[]) => path[0] === 'guest' && path[1] === guest;
  const tables = root.body.filter((node) => node.type === 'TOMLTable');
  const forwardTables = tables.filter(
    ({ resolvedKey }) => isOfGuest(resolvedKey) && resolvedKey[2] === 'forward',
  );
  if (forwardTables.length > 0) return asTables(forwardTables);

  const all = [...pairsOf(root)];
  const pairs = all.filter(({ path }) => isOfGuest(path));
  const forward = pairs.find(({ path }) => path.length === 3 && path[2] === 'forward');
  if (forward !== undefined) return asValue(forward.node);

  const header = tables.find(({ resolvedKey }) => resolvedKey.length === 2 && isOfGuest(resolvedKey));
  if (header !== undefined) return inTable(header);
  const whole = pairs.find(({ path }) => path.length === 2);
  if (whole?.node.value.type === 'TOMLInlineTable') return inTable(whole.node.value);
  const dotted = pairs.filter(({ depth }) => depth < 2).at(-1);
  if (whole === undefined && dotted !== undefined) return asDotted(dotted, text);

  const guests = all.find(({ path }) => path.length === 1 && path[0] === 'guest');
  const line = (whole?.node ?? guests?.node)?.loc.start.line;
  return line === undefined ? { kind: 'none' } : { kind: 'unknown', line };
}

function asTables(tables: readonly AST.TOMLTable[]): DefinedPlace | UnknownPlace {
  const odd = tables.find(({ kind, resolvedKey }) => kind !== 'array' || resolvedKey.length !== 4);
  return odd === undefined ? { kind: 'tables', tables } : { kind: 'unknown', line: odd.loc.start.line };
}

function asValue({ value }: AST.TOMLKeyValue): DefinedPlace | UnknownPlace {
  if (value.type === 'TOMLArray') return { kind: 'list', array: value };
  if (value.type === 'TOMLValue' && value.kind === 'string') return { kind: 'text', value };
  return { kind: 'unknown', line: value.loc.start.line };
}

function inTable(table: AST.TOMLTable | AST.TOMLInlineTable): FreePlace {
  const last = table.body.at(-1);
  return last === undefined ? { kind: 'empty', table } : { kind: 'pair', pair: last, prefix: '' };
}

function asDotted({ node, depth }: Pair, text: string): FreePlace {
  const guest = node.key.keys[1 - depth] as AST.TOMLBare | AST.TOMLQuoted;
  return { kind: 'pair', pair: node, prefix: `${text.slice(node.key.range[0], guest.range[1])}.` };
}
