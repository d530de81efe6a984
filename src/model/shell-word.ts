import { visibleLine } from './visible-text.ts';

/** A word for a shell, in quotes where it needs them. */
export function shellWord(text: string): string {
  // A control character in a word would be shown escaped: the quotes of bash and POSIX 2024 say the same with escapes.
  if (/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u.test(text)) return `$'${escapedInQuotes(text)}'`;
  return /^[\w.:@%/+=,-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function escapedInQuotes(text: string): string {
  return visibleLine(text.replaceAll('\\', '\\\\').replaceAll("'", "\\'"));
}
