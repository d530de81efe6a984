import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLine, sortLines } from '../../../src/state/sorted-lines.ts';

function withFile(
  head: string,
  entries: (readonly [string, string])[],
  use: (find: (key: string) => string | undefined) => void,
) {
  const folder = mkdtempSync(join(tmpdir(), 'guestgate-lines-'));
  const text = `${head}${sortLines(entries).join('')}`;
  writeFileSync(join(folder, 'lines'), `${text}tail\n`);
  const descriptor = openSync(join(folder, 'lines'), 'r');
  try {
    use((key) => findLine(descriptor, Buffer.byteLength(head), Buffer.byteLength(text), key));
  } finally {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  }
}

const long = 'x'.repeat(20_000);
const entries = Array.from(
  { length: 500 },
  (_, index) => [`"g${index * 2}"`, index % 50 === 0 ? long : `${index}`] as const,
);

test('every line is found, short or longer than what is read at a time, and no other', () => {
  withFile('head\n', [...entries, ['"ü\u{1f600}"', 'last']], (find) => {
    for (const [key, rest] of entries) expect(find(key)).toBe(rest);
    for (let odd = 1; odd < 999; odd += 2) expect(find(`"g${odd}"`)).toBeUndefined();
    expect(find('"ü\u{1f600}"')).toBe('last');
    for (const strange of ['', '"g', '"g1', 'head', 'tail', '"g998"\t1'])
      expect(find(strange)).toBeUndefined();
  });
});

test('of no lines at all none is found', () =>
  withFile('head\n', [], (find) => expect(find('"a"')).toBeUndefined()));
