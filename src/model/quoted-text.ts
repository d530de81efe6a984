/** A text in double quotes, as JSON and TOML write it. What could move a terminal's cursor, or turn a line's direction, is escaped, too. */
export function quotedText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
