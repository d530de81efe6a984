import { visibleJson } from './visible-text.ts';

/** A text in double quotes, as JSON and TOML write it. What could move a terminal's cursor, or turn a line's direction, is escaped, too. */
export function quotedText(text: string): string {
  return visibleJson(JSON.stringify(text));
}
