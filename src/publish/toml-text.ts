/** A key of TOML: bare if possible, else quoted. */
export function renderKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : renderText(name);
}

/** A text in double quotes. Characters that control a terminal are escaped: the administrator may print the file. */
export function renderText(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** An entry of `forward`: a text, or a table. */
export type ForwardEntry = string | ForwardTable;
export type ForwardTable = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** An entry of a `forward` list: `"8443:443"`, `{ port = "8443", from = ["198.51.100.0/24"] }`. */
export function renderEntry(entry: ForwardEntry): string {
  return typeof entry === 'string' ? renderText(entry) : `{ ${renderPairs(entry).join(', ')} }`;
}

/** The lines of a table, one for each key: `port = "8443"`. */
export function renderPairs(table: ForwardTable): string[] {
  return Object.entries(table).map(([key, value]) => `${renderKey(key)} = ${renderValue(value)}`);
}

function renderValue(value: ForwardTable[string]): string {
  if (typeof value === 'string') return renderText(value);
  return typeof value === 'object' ? `[${value.map(renderText).join(', ')}]` : String(value);
}
