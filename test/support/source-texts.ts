import {
  isCallExpression,
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isRegularExpressionLiteral,
  isStringLiteral,
  isTemplateExpression,
  isTemplateHead,
  isTemplateMiddleOrTemplateTail,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { repository } from './documents.ts';

/** A text for people in a source file: a comment, a string literal or a piece of a template literal. */
export interface SourceText {
  readonly line: number;
  readonly text: string;
}

/**
 * Parses files of TypeScript, and reads something in each.
 *
 * @param wanted chooses among the files of `tsconfig.json`, by the path relative to the repository
 */
export function readSources<T>(
  wanted: RegExp,
  read: (source: SourceFile) => readonly T[],
): { readonly path: string; readonly found: readonly T[] }[] {
  const api = new API({ cwd: repository });
  try {
    const [project] = api.updateSnapshot({ openProject: `${repository}tsconfig.json` }).getProjects();
    return (project?.rootFiles ?? [])
      .map((file) => ({ file, path: file.slice(repository.length) }))
      .filter(({ path }) => wanted.test(path))
      .map(({ file, path }) => {
        const source = project?.program.getSourceFile(file);
        if (source === undefined) throw new Error(`${path} cannot be parsed`);
        return { path, found: read(source) };
      });
  } finally {
    api.close();
  }
}

/** Comments and literals of a file, without its identifiers. Lines of one comment are joined. */
export function textsOf(source: SourceFile): SourceText[] {
  const literals: { readonly start: number; readonly end: number }[] = [];
  visit(source, (node) => {
    if (isLiteral(node)) literals.push({ start: node.getStart(source), end: node.end });
  });
  const lineAt = (position: number) => source.text.slice(0, position).split('\n').length;
  const ofLiterals = literals.map(({ start, end }) => ({
    line: lineAt(start),
    text: source.text.slice(start, end),
  }));
  return [
    ...ofLiterals,
    ...commentsOf(source.text, literals).map(({ start, text }) => ({
      line: lineAt(start),
      text: text.replaceAll(/\n\s*(?:\*|\/\/)/g, ' '),
    })),
  ];
}

/** The names of the tests and groups of tests in a file. */
export function testNamesOf(source: SourceFile): SourceText[] {
  const names: SourceText[] = [];
  visit(source, (node) => {
    if (!isCallExpression(node) || !/^(?:test|it|describe|rootTest)$/.test(calleeOf(node))) return;
    const [name] = node.arguments;
    if (name === undefined || !(isLiteral(name) || isTemplateExpression(name))) return;
    const start = name.getStart(source);
    names.push({
      line: source.text.slice(0, start).split('\n').length,
      text: source.text.slice(start, name.end),
    });
  });
  return names;
}

function isLiteral(node: Node): boolean {
  return (
    isStringLiteral(node) ||
    isNoSubstitutionTemplateLiteral(node) ||
    isTemplateHead(node) ||
    isTemplateMiddleOrTemplateTail(node) ||
    isRegularExpressionLiteral(node)
  );
}

/** `test` of `test.concurrent.each([...])('name', ...)`. */
function calleeOf(node: Node): string {
  if (isIdentifier(node)) return node.text;
  return isCallExpression(node) || isPropertyAccessExpression(node) ? calleeOf(node.expression) : '';
}

/** A comment's mark inside a literal begins no comment; comments on neighbouring lines count as one. */
function commentsOf(
  text: string,
  literals: readonly { readonly start: number; readonly end: number }[],
): { readonly start: number; readonly text: string }[] {
  const marks = /\/\*[\s\S]*?\*\/|\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*/g;
  const found = [];
  for (let match = marks.exec(text); match !== null; match = marks.exec(text)) {
    const { index, 0: comment } = match;
    const around = literals.find(({ start, end }) => start <= index && index < end);
    if (around === undefined) found.push({ start: index, text: comment });
    else marks.lastIndex = around.end;
  }
  return found;
}

function visit(node: Node, look: (node: Node) => void): void {
  look(node);
  node.forEachChild((child) => {
    visit(child, look);
  });
}
