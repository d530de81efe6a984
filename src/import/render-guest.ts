import { quotedText } from '../model/quoted-text.ts';
import { renderEntry, renderKey } from '../publish/toml-text.ts';
import type { ImportedGuest } from './translate-hooks.ts';

/** Longer than this, in characters, a list gets a line for each entry. */
const widest = 100;

/** The text of a file for an imported guest. */
export function renderGuest({ name, where, address, entries, allowFrom }: ImportedGuest): string {
  const lines = [
    `# Imported from ${quotedText(where).slice(1, -1)}`,
    `[guest.${renderKey(name)}]`,
    `address    = ${quotedText(address)}`,
    `forward    = ${renderList(entries.map(renderEntry))}`,
    ...(allowFrom === undefined ? [] : [`allow_from = ${renderList(allowFrom.map(quotedText))}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function renderList(entries: readonly string[]): string {
  const line = `[${entries.join(', ')}]`;
  if (line.length <= widest) return line;
  return `[\n${entries.map((entry) => `  ${entry},\n`).join('')}]`;
}
