/*
 * What comes from outside may hold anything: names and metadata of guests, names of processes, rules and messages of other
 * programs. On a terminal, control characters move the cursor, and run commands of some; marks of direction show a line in
 * another order than it has. So all that guestgate prints, or writes to the log, is escaped where it is written.
 */

/** C0 but newline and tab, DEL, C1, line and paragraph separators, marks of direction (Unicode, UAX 9), with lone surrogates. */
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;

/** A text of several lines as it may be shown: newlines and tabs stay. */
export function visibleText(text: string): string {
  return text.replaceAll(invisible, escaped);
}

/** A part of a line, as it may be shown: a newline in it is escaped, too, so that it cannot begin a line of its own. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll(/[\n\t]/g, (character) => (character === '\n' ? '\\n' : '\\t'));
}

/** JSON that means the same: inside strings, JSON leaves DEL, C1 and marks of direction as they are. */
export function visibleJson(json: string): string {
  return json.replaceAll(invisible, unicodeEscape);
}

function escaped(character: string): string {
  return character === '\r' ? '\\r' : unicodeEscape(character);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
