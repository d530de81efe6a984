import type { AST } from 'toml-eslint-parser';
import { type Pair, pairsOf, type TomlSyntax } from './toml-syntax.ts';

/** Where and how a file says a guest's forwards, or where it would have to. */
export type ForwardPlace =
  /** `forward = [...]` */
  | { readonly kind: 'list'; readonly array: AST.TOMLArray }
  /** `forward = "80"` */
  | { readonly kind: 'text'; readonly value: AST.TOMLStringValue }
  /** `[[guest.web.forward]]`, as often as there are forwards */
  | { readonly kind: 'tables'; readonly tables: readonly AST.TOMLTable[] }
  /** `[guest.web]` without forwards */
  | { readonly kind: 'header'; readonly table: AST.TOMLTable }
  /** `web = { ... }` without forwards */
  | { readonly kind: 'inline'; readonly table: AST.TOMLInlineTable }
  /** `web.address = ...` without forwards; `parts` of its key lead to the guest */
  | { readonly kind: 'dotted'; readonly pair: AST.TOMLKeyValue; readonly parts: number }
  /** The file says nothing of the guest. */
  | { readonly kind: 'nowhere' }
  /** In a way that is not known. */
  | { readonly kind: 'strange'; readonly line: number };

/** @param guest the guest's key, as it stands in the file */
export function findForwards({ root }: TomlSyntax, guest: string): ForwardPlace {
  const way = ['guest', guest];
  const tables = root.body.filter((node) => node.type === 'TOMLTable');
  const entries = tables.filter(({ resolvedKey }) => resolvedKey[2] === 'forward' && leads(way, resolvedKey));
  if (entries.length > 0) return asTables(entries);

  const pairs = [...pairsOf(root)].filter(({ path }) => leads(way, path));
  const forward = pairs.find(({ path }) => path.length === 3 && path[2] === 'forward');
  if (forward !== undefined) return asValue(forward.node);

  const header = tables.find(({ resolvedKey }) => resolvedKey.length === 2 && leads(way, resolvedKey));
  if (header !== undefined) return { kind: 'header', table: header };

  const own = pairs.find(({ path }) => path.length === 2);
  if (own?.node.value.type === 'TOMLInlineTable') return { kind: 'inline', table: own.node.value };
  const dotted = pairs.filter(({ depth }) => depth < 2).at(-1);
  if (own === undefined && dotted !== undefined) return asDotted(dotted);

  const whole = [...pairsOf(root)].find(({ path }) => path.length === 1 && path[0] === 'guest');
  const line = (own?.node ?? whole?.node)?.loc.start.line;
  return line === undefined ? { kind: 'nowhere' } : { kind: 'strange', line };
}

function leads(way: readonly string[], path: readonly (string | number)[]): boolean {
  return way.every((part, index) => path[index] === part);
}

function asTables(tables: readonly AST.TOMLTable[]): ForwardPlace {
  const odd = tables.find(({ kind, resolvedKey }) => kind !== 'array' || resolvedKey.length !== 4);
  return odd === undefined ? { kind: 'tables', tables } : { kind: 'strange', line: odd.loc.start.line };
}

function asValue({ value }: AST.TOMLKeyValue): ForwardPlace {
  if (value.type === 'TOMLArray') return { kind: 'list', array: value };
  if (value.type === 'TOMLValue' && value.kind === 'string') return { kind: 'text', value };
  return { kind: 'strange', line: value.loc.start.line };
}

function asDotted({ node, depth }: Pair): ForwardPlace {
  return { kind: 'dotted', pair: node, parts: 2 - depth };
}
