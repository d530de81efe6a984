import { renderEntry, renderKey, renderText } from '../publish/toml-text.ts';
import type { ImportedGuest } from './translate-hooks.ts';

/** A list that is longer than this, in characters, gets a line for each entry. */
const widest = 100;

/** The text of a file for an imported guest. */
export function renderGuest({ name, where, addresses, entries, allowFrom }: ImportedGuest): string {
  const lines = [
    `# Imported from ${renderText(where).slice(1, -1)}`,
    `[guest.${renderKey(name)}]`,
    `address    = ${renderOneOrMore(addresses.map(renderText))}`,
    `forward    = ${renderList(entries.map(renderEntry))}`,
    ...(allowFrom === undefined ? [] : [`allow_from = ${renderList(allowFrom.map(renderText))}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function renderOneOrMore(values: readonly string[]): string {
  return values.length === 1 ? values.join() : renderList(values);
}

function renderList(entries: readonly string[]): string {
  const line = `[${entries.join(', ')}]`;
  if (line.length <= widest) return line;
  return `[\n${entries.map((entry) => `  ${entry},\n`).join('')}]`;
}
