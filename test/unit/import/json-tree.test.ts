import { getNodeValue } from 'jsonc-parser';
import { expect, test } from 'vitest';
import { isMistake, lineAt, parseJson } from '../../../src/import/json-tree.ts';

test('comments in both styles, and a byte order mark', () => {
  const parsed = parseJson('\ufeff// one\n{ /* two\n */ "a": ["\\u00fc", -1.5e3, true, null] }');
  if (isMistake(parsed)) throw new Error(parsed.mistake);
  expect(getNodeValue(parsed)).toEqual({ a: ['ü', -1500, true, null] });
});

test('a name that occurs twice is there twice', () => {
  const parsed = parseJson('{ "a": 1, "a": 2 }');
  if (isMistake(parsed)) throw new Error(parsed.mistake);
  expect(parsed.children?.map(({ children }) => children?.map(({ value }) => value))).toEqual([
    ['a', 1],
    ['a', 2],
  ]);
});

test('a text that exhausts the stack of the parser is a mistake, not a crash', () => {
  expect(parseJson('['.repeat(1_000_000))).toEqual({ line: 1, mistake: 'nested too deeply' });
});

test.each<[number, number]>([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 3],
])('offset %i is on line %i', (offset, line) => {
  expect(lineAt('a\n\nb', offset)).toBe(line);
});
