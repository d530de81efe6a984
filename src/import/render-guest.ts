import { quotedText } from '../model/quoted-text.ts';
import { renderEntry, renderKey } from '../publish/toml-text.ts';
import type { ImportedGuest } from './translate-hooks.ts';

/** A list that is longer than this, in characters, gets a line for each entry. */
const widest = 100;

/** The text of a file for an imported guest. */
export function renderGuest(guest: ImportedGuest): string {
  const { name, where, addresses, entries, allowFrom, publicAddresses = [], snat = [] } = guest;
  const pairs: readonly [key: string, value: string][] = [
    ['address', renderOneOrMore(addresses.map(quotedText))],
    // A guest with addresses of its own alone needs no list of forwards.
    ...pairIf(entries.length > 0 || publicAddresses.length + snat.length === 0, 'forward', () =>
      renderList(entries.map(renderEntry)),
    ),
    ...pairIf(publicAddresses.length > 0, 'public_address', () =>
      renderOneOrMore(publicAddresses.map(quotedText)),
    ),
    ...pairIf(snat.length > 0, 'snat', () => renderOneOrMore(snat.map(quotedText))),
    ...pairIf(allowFrom !== undefined, 'allow_from', () => renderList((allowFrom ?? []).map(quotedText))),
  ];
  const width = Math.max(10, ...pairs.map(([key]) => key.length));
  const lines = [
    `# Imported from ${quotedText(where).slice(1, -1)}`,
    `[guest.${renderKey(name)}]`,
    ...pairs.map(([key, value]) => `${key.padEnd(width)} = ${value}`),
  ];
  return `${lines.join('\n')}\n`;
}

function pairIf(present: boolean, key: string, value: () => string): [key: string, value: string][] {
  return present ? [[key, value()]] : [];
}

function renderOneOrMore(values: readonly string[]): string {
  return values.length === 1 ? values.join() : renderList(values);
}

function renderList(entries: readonly string[]): string {
  const line = `[${entries.join(', ')}]`;
  if (line.length <= widest) return line;
  return `[\n${entries.map((entry) => `  ${entry},\n`).join('')}]`;
}
