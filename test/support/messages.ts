import {
  isCallExpression,
  isIdentifier,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isObjectLiteralExpression,
  isPropertyAssignment,
  isStringLiteral,
  isTemplateExpression,
  isVariableDeclaration,
  type Node,
  type SourceFile,
} from 'typescript/unstable/ast';
import { readSources } from './source-texts.ts';

/*
 * The messages about what is wrong, read from the source: the reference lists them. A message comes from a call that makes
 * a fault, an error of the user or a problem of the configuration, or from `problem` of an object or a variable.
 */

interface Message {
  /** `invalid port "…"`: what varies is an ellipsis. */
  readonly problem: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** The places of message and advice among the arguments. */
const makers: Readonly<Record<string, readonly [problem: number, advice: number]>> = {
  policyFault: [0, 1],
  ruleFault: [0, 2],
  complain: [1, 2],
  wrong: [0, 1],
  UserError: [0, 1],
};

/** What the messages of a room are about, in the order of the page. */
const rooms: Readonly<Record<string, string>> = {
  policy: 'Mistakes in the configuration',
  planner: 'Policies that cannot be applied',
  desired: 'Policies that cannot be applied on this host',
  libvirt: "Reading libvirt's files",
  xen: "Reading Xen's xenstore and calls",
  reconcile: 'Applying rules',
  model: 'Rules and head rules',
  backends: 'Rules in the kernel',
  check: 'check: differences',
  doctor: 'doctor: what blocks forwards',
  explain: 'explain',
  publish: 'publish and unpublish',
  import: 'import',
  apply: 'apply and replay',
  watch: 'watch',
  state: 'Files of state',
  system: 'The system',
  cli: 'Commands',
};

/** `docs/reference/messages.md`. */
export function renderMessages(): string {
  const found = readSources(/^src\//, messagesOf);
  const sections = Object.entries(rooms).flatMap(([room, title]) => {
    const own = found.filter(({ path }) => path.startsWith(`src/${room}/`)).flatMap((file) => file.found);
    const rows = [
      ...new Set(own.map(({ problem, advice = '' }) => `| ${cell(problem)} | ${cell(advice)} |`)),
    ];
    return rows.length === 0
      ? []
      : [`## ${title}\n\n| message | what to do |\n|---|---|\n${rows.sort().join('\n')}`];
  });
  const head =
    '# Messages\n\nWhat guestgate says is wrong, and what to do. `…` is a name, an address or another value. Most messages begin with\nthe guest, the network, or the file and line that they are about. Written by `npm run reference`, from the source.';
  return `${[head, ...sections].join('\n\n')}\n`;
}

function messagesOf(source: SourceFile): Message[] {
  const messages: Message[] = [];
  const visit = (node: Node) => {
    const message = messageOf(node, source);
    if (message !== undefined) messages.push(message);
    node.forEachChild((child) => {
      visit(child);
    });
  };
  visit(source);
  return messages;
}

function messageOf(node: Node, source: SourceFile): Message | undefined {
  if (isObjectLiteralExpression(node)) {
    const value = (name: string) => {
      const found = [...node.properties]
        .filter(isPropertyAssignment)
        .find((property) => property.name.getText(source) === name);
      return textOf(found?.initializer);
    };
    return message(value('problem'), value('advice') ?? value('hint') ?? value('fix'));
  }
  if (isVariableDeclaration(node) && node.name.getText(source) === 'problem')
    return message(textOf(node.initializer), undefined);
  if (!(isCallExpression(node) || isNewExpression(node)) || !isIdentifier(node.expression)) return undefined;
  const maker = makers[node.expression.text];
  if (maker === undefined) return undefined;
  const texts = [...(node.arguments ?? [])].map((argument) => textOf(argument));
  return message(texts[maker[0]], texts[maker[1]]);
}

function message(problem: string | undefined, advice: string | undefined): Message | undefined {
  if (problem === undefined || !/[a-z]{3}/.test(problem)) return undefined;
  return { problem, ...(advice !== undefined && { advice }) };
}

/** The text of a literal; undefined: it is put together elsewhere. */
function textOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!isTemplateExpression(node)) return undefined;
  const { head, templateSpans } = node;
  return head.text + [...templateSpans].map(({ literal }) => `…${literal.text}`).join('');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}
