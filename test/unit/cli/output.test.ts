import { expect, test } from 'vitest';
import { table } from '../../../src/cli/output.ts';

test('columns are as wide as their widest cell, and no line ends with blanks', () => {
  expect(
    table([
      ['GUEST', 'ADDRESS', 'OPEN'],
      ['web', '192.168.122.41', ''],
      ['', '', 'nothing'],
    ]),
  ).toBe('GUEST  ADDRESS         OPEN\nweb    192.168.122.41\n                       nothing');
});

test.each<[string, string, number]>([
  ['CJK', '日本', 4],
  ['an emoji', '😀', 2],
  ['an emoji of several code points', '👩‍👩‍👧', 2],
  ['a combining mark', 'u\u0308', 1],
  ['one code point for the same', 'ü', 1],
  ['a fullwidth letter', 'Ａ', 2],
])('%s is as wide as a terminal shows it', (_, name, width) => {
  const [first, second] = table([
    [name, 'x'],
    ['123456', 'x'],
  ]).split('\n');
  expect(first).toBe(`${name}${' '.repeat(6 - width)}  x`);
  expect(second).toBe('123456  x');
});
