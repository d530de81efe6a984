import { expect, test } from 'vitest';
import {
  applySplices,
  endOfLine,
  findComma,
  indentBefore,
  pairsOf,
  parseSyntax,
  startOfLine,
  type TomlSyntax,
} from '../../../src/publish/toml-syntax.ts';

test('splices apply in the order of their positions, and at one position in their own', () => {
  const splices = [
    { start: 4, end: 6, text: '' },
    { start: 1, end: 1, text: 'x' },
    { start: 1, end: 1, text: 'y' },
  ];
  expect(applySplices('abcdefg', splices)).toBe('axybcdg');
  expect(applySplices('abc', [])).toBe('abc');
});

test('pairs have their whole path, with the keys of inline tables', () => {
  const { root } = parseSyntax('a.b = 1\n[c]\nd = { e.f = 2 }\n[[g]]\nh = 3\n') as TomlSyntax;
  expect([...pairsOf(root)].map(({ path, depth }) => [path.join('.'), depth])).toEqual([
    ['a.b', 0],
    ['c.d', 1],
    ['c.d.e.f', 2],
    ['g.0.h', 2],
  ]);
});

test('a text that is invalid TOML has no syntax', () => {
  expect(parseSyntax('[guest')).toBeUndefined();
});

test.each<[string, '\n' | '\r\n']>([
  ['a = 1\r\nb = 2', '\r\n'],
  ['a = 1', '\n'],
])('the end of the lines of %j', (text, newline) => {
  expect(parseSyntax(text)?.newline).toBe(newline);
});

test('lines', () => {
  const text = 'ab\r\n  cd';
  expect([endOfLine(text, 0), endOfLine(text, 5)]).toEqual([2, text.length]);
  expect([startOfLine(text, 1), startOfLine(text, 7)]).toEqual([0, 4]);
  expect(indentBefore(text, 6)).toBe('  ');
  expect(indentBefore(text, 7)).toBeUndefined();
});

test('a comma inside a text or a comment does not separate entries', () => {
  const text = 'a = ["x,y" # ,\n, 2]';
  const syntax = parseSyntax(text) as TomlSyntax;
  expect(findComma(syntax, 0, text.length)?.range[0]).toBe(text.lastIndexOf(','));
  expect(findComma(syntax, 0, 10)).toBeUndefined();
});
