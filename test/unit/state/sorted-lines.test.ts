import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLine, sortLines } from '../../../src/state/sorted-lines.ts';

function withFile(
  head: string,
  entries: (readonly [string, string])[],
  use: (find: (key: string) => string | undefined) => void,
  known = 0,
) {
  const folder = mkdtempSync(join(tmpdir(), 'guestgate-lines-'));
  const text = `${head}${sortLines(entries).join('')}`;
  writeFileSync(join(folder, 'lines'), `${text}tail\n`);
  const descriptor = openSync(join(folder, 'lines'), 'r');
  try {
    const file = { descriptor, beginning: readFileSync(join(folder, 'lines')).subarray(0, known) };
    use((key) => findLine(file, Buffer.byteLength(head), Buffer.byteLength(text), key));
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

const someLines = 30_000;

test.each([
  ['nothing', 0],
  ['some lines', someLines],
  ['the whole file', Number.MAX_SAFE_INTEGER],
])(
  'every line is found, short or longer than what is read at a time, and no other: %s was read before',
  (_, known) => {
    const all = [...entries, ['"ü\u{1f600}"', 'last'] as const] as [string, string][];
    const use = (find: (key: string) => string | undefined) => {
      for (const [key, rest] of entries) expect(find(key)).toBe(rest);
      for (let odd = 1; odd < 999; odd += 2) expect(find(`"g${odd}"`)).toBeUndefined();
      expect(find('"ü\u{1f600}"')).toBe('last');
      for (const strange of ['', '"g', '"g1', 'head', 'tail', '"g998"\t1'])
        expect(find(strange)).toBeUndefined();
    };
    withFile('head\n', all, use, known);
  },
);

test('lines within the bytes that are known are not read again', () => {
  const beginning = Buffer.from('"a"\t1\n"b"\t2\n');
  const closed = { descriptor: -1, beginning };
  expect(findLine(closed, 0, beginning.length, '"b"')).toBe('2');
  expect(() => findLine(closed, 0, beginning.length + 1, '"c"')).toThrow('fd');
});

test('of no lines at all none is found', () =>
  withFile('head\n', [], (find) => expect(find('"a"')).toBeUndefined()));
