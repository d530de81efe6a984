import { quoted, UserError } from '../model/problem.ts';

/** `text`, or the value at a path of keys, as text or as JSON. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly path: readonly string[]; readonly asJson: boolean };

/** The text between braces: `.key.key`, or `json .key.key`. `.` alone is the whole. */
const placeholder = /^\s*(json\s+)?\.((?:\w+\.)*\w+)?\s*$/;

/**
 * A template as `docker ps --format` takes it, of which this is a small part: `{{.key}}`, `{{.key.key}}`, `{{json .key}}`.
 * `\t` and `\n` are a tab and a newline, as in docker's.
 *
 * @param what names the option, for the error
 * @returns renders one object; a key that it does not have is empty
 * @throws UserError for anything else between braces
 */
export function parseFormat(template: string, what: string): (value: object) => string {
  const parts = template
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n')
    .split(/(\{\{.*?\}\})/s)
    .map((text) =>
      text.startsWith('{{') && text.endsWith('}}') ? parsePart(text, what) : asText(text, what),
    );
  return (value) => parts.map((part) => renderPart(part, value)).join('');
}

function asText(text: string, what: string): Part {
  if (text.includes('{{'))
    throw new UserError(`reading ${what}: ${quoted(text)} is not closed (expected: {{.key}})`);
  return { kind: 'text', text };
}

function parsePart(text: string, what: string): Part {
  const found = placeholder.exec(text.slice(2, -2));
  if (found === null)
    throw new UserError(
      `reading ${what}: ${quoted(text)} is not understood (expected: {{.key}}, {{.key.key}} or {{json .key}}; the keys are those of --json)`,
    );
  const [, json, path] = found;
  return { kind: 'value', path: path?.split('.') ?? [], asJson: json !== undefined };
}

function renderPart(part: Part, value: object): string {
  if (part.kind === 'text') return part.text;
  const found = part.path.reduce<unknown>(valueAt, value);
  if (part.asJson) return JSON.stringify(found ?? null);
  if (found === undefined || found === null) return '';
  return typeof found === 'object' ? JSON.stringify(found) : String(found);
}

function valueAt(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
