import { expect, test } from 'vitest';
import {
  isAnything,
  isCount,
  isList,
  isObject,
  isOneOf,
  isRecordOf,
  isText,
  isTrue,
} from '../../../src/model/shape.ts';

const isPort = isObject({ port: isCount, 'name?': isText });

test.each([
  ['a count', isCount, [0, 1, Number.MAX_SAFE_INTEGER], [-1, 1.5, 2 ** 53, '1', null, Number.NaN]],
  ['a text', isText, ['', 'a'], [1, null, undefined, ['a']]],
  ['true', isTrue, [true], [false, 1, 'true', undefined]],
  ['one of two', isOneOf('a', 1), ['a', 1], ['1', 'b', undefined, null]],
  ['a list of texts', isList(isText), [[], ['a']], [['a', 1], 'a', { length: 0 }, null]],
  [
    'texts by any key',
    isRecordOf(isText),
    [{}, { a: 'x' }, JSON.parse('{"__proto__":"x"}')],
    [{ a: 1 }, [], null, 'a'],
  ],
  [
    'an object',
    isPort,
    [{ port: 1 }, { port: 1, name: 'x' }, { port: 1, more: null }],
    [{}, { port: '1' }, { port: 1, name: 2 }, [], null],
  ],
])('%s', (_, shape, good, bad) => {
  for (const value of good) expect(shape(value), JSON.stringify(value)).toBe(true);
  for (const value of bad) expect(shape(value), JSON.stringify(value)).toBe(false);
});

test('a key that every object inherits does not count as there', () => {
  expect(isObject({ toString: isAnything })({})).toBe(false);
  expect(isObject({ constructor: isAnything })({})).toBe(false);
});
