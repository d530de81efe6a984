import { fileURLToPath } from 'node:url';
import {
  isBinaryExpression,
  isCallExpression,
  isClassDeclaration,
  isElementAccessExpression,
  isIdentifier,
  isNewExpression,
  isPropertyAccessExpression,
  isPropertyDeclaration,
  isVariableStatement,
  type Node,
  NodeFlags,
  type SourceFile,
  type Statement,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { afterAll, expect, test } from 'vitest';

/*
 * A variable of a module that changes is a value that no caller sees: in a process that runs for long (the watcher, the
 * follower of leases) it keeps what was true at the start. Values are passed, or belong to an object that a caller makes.
 */

const repository = fileURLToPath(new URL('../../', import.meta.url));
const api = new API({ cwd: repository });
afterAll(() => api.close());

const changing =
  /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin|append|write)$/;

test('no module keeps a value that changes', () => {
  const snapshot = api.updateSnapshot({ openProject: `${repository}tsconfig.json` });
  const [project] = snapshot.getProjects();
  const files = (project?.rootFiles ?? []).filter((file) =>
    /^(src|hooks|install|xen-scripts)\/.*(?<!\.d)\.ts$/.test(file.slice(repository.length)),
  );
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((file) => {
    const source = project?.program.getSourceFile(file);
    if (source === undefined) throw new Error(`${file} cannot be parsed`);
    return stateOf(source).map((name) => `${file.slice(repository.length)} ${name}`);
  });
  expect(found).toEqual([]);
}, 60_000);

const examples: readonly (readonly [text: string, names: readonly string[]])[] = [
  ['let count = 0;', ['count']],
  ['export var count = 0;', ['count']],
  ['const seen = new WeakMap<object, string>();', ['seen']],
  ['const seen = new Set<string>(); export function see(name: string) { seen.add(name); }', ['seen']],
  [
    'const cache: { [name: string]: string } = {}; export const put = (a: string) => { cache[a] = a; };',
    ['cache'],
  ],
  ['const state = { at: 0 }; export function next() { state.at += 1; }', ['state']],
  ['class Counter { static count = 0; }', ['Counter.count']],
  ['const known = new Set(["tcp", "udp"]); export const isKnown = (a: string) => known.has(a);', []],
  ['export function f() { let count = 0; count++; return count; }', []],
  ['const sizes = [1, 2]; export const longest = () => Math.max(...sizes);', []],
];

test('each way to keep a value that changes is recognised, and what does not change is not', () => {
  const paths = examples.map((_, index) => `${repository}src/example-${index}.ts`);
  const textOf = (path: string) => examples[paths.indexOf(path)]?.[0];
  const own = new API({
    cwd: repository,
    fs: { readFile: textOf, fileExists: (path) => textOf(path) !== undefined || undefined },
  });
  try {
    const snapshot = own.updateSnapshot({ openFiles: paths });
    const found = paths.map((path) => {
      const source = snapshot.getDefaultProjectForFile(path)?.program.getSourceFile(path);
      return [textOf(path), source && stateOf(source)];
    });
    expect(found).toEqual(examples);
  } finally {
    own.close();
  }
}, 60_000);

/** The names of a module's own variables, and of its classes' static properties, that change. */
function stateOf(source: SourceFile): string[] {
  const changed = new Set<string>();
  visit(source, (node) => {
    const name = changedBy(node);
    if (name !== undefined) changed.add(name);
  });
  return [...source.statements].flatMap((statement) => stateIn(statement, changed));
}

function stateIn(statement: Statement, changed: ReadonlySet<string>): string[] {
  if (isClassDeclaration(statement)) {
    return [...statement.members].filter(isPropertyDeclaration).flatMap(({ name, modifiers = [] }) => {
      const words = [...modifiers].map(({ kind }) => kind);
      const isState = words.includes(SyntaxKind.StaticKeyword) && !words.includes(SyntaxKind.ReadonlyKeyword);
      return isState ? [`${statement.name?.text}.${name.getText()}`] : [];
    });
  }
  if (!isVariableStatement(statement)) return [];
  const { declarations, flags } = statement.declarationList;
  return [...declarations].flatMap(({ name, initializer }) => {
    const text = name.getText();
    const isWeak =
      initializer !== undefined &&
      isNewExpression(initializer) &&
      /^Weak(Map|Set)$/.test(initializer.expression.getText());
    return (flags & NodeFlags.Const) === 0 || isWeak || changed.has(text) ? [text] : [];
  });
}

/** The variable whose content an expression changes: `x.push(...)`, `x[key] = ...`, `x.key += ...`, `delete x.key`. */
function changedBy(node: Node): string | undefined {
  if (isCallExpression(node) && isPropertyAccessExpression(node.expression)) {
    return changing.test(node.expression.name.text) ? variableOf(node.expression.expression) : undefined;
  }
  if (!isBinaryExpression(node)) return undefined;
  const operator = node.operatorToken.kind;
  const assigns = operator >= SyntaxKind.FirstAssignment && operator <= SyntaxKind.LastAssignment;
  const isPart = isPropertyAccessExpression(node.left) || isElementAccessExpression(node.left);
  return assigns && isPart ? variableOf(node.left) : undefined;
}

function variableOf(node: Node): string | undefined {
  if (isIdentifier(node)) return node.text;
  return isPropertyAccessExpression(node) || isElementAccessExpression(node)
    ? variableOf(node.expression)
    : undefined;
}

function visit(node: Node, look: (node: Node) => void): void {
  look(node);
  node.forEachChild((child) => {
    visit(child, look);
  });
}
