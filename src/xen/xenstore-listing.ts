/**
 * What `xenstore-ls -f PATH` prints, by path: a line `PATH = "VALUE"` for each node below. Values hold what a guest's
 * configuration holds: quotes as they are, and every character that could break the line escaped.
 */
export function parseXenstoreListing(text: string): ReadonlyMap<string, string> {
  const nodes = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, path, value] = /^(\S+) = "(.*)"(?:\s+\([^()]*\))?$/.exec(line) ?? [];
    if (path !== undefined && value !== undefined) nodes.set(path, unescapeXenstore(value));
  }
  return nodes;
}

const named: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, '\\': 92 };

/** A value as xenstore-ls(1) and xenstore-read(1) print it: bytes that are not printable as `\xHH` or in octal. */
export function unescapeXenstore(value: string): string {
  if (!value.includes('\\')) return value;
  const parts = value.matchAll(/\\x([\da-f]{2})|\\([0-7]{3})|\\([tnr\\])|([^\\]+|\\)/gi);
  const bytes = [...parts].map(([, hex, octal, name, plain]) => {
    if (hex !== undefined) return Buffer.of(Number.parseInt(hex, 16));
    if (octal !== undefined) return Buffer.of(Number.parseInt(octal, 8) & 0xff);
    return name === undefined ? Buffer.from(plain ?? '') : Buffer.of(named[name] ?? 0);
  });
  return Buffer.concat(bytes).toString('utf8');
}
