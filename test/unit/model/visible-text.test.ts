import { expect, test } from 'vitest';
import { visibleJson, visibleLine, visibleText } from '../../../src/model/visible-text.ts';

const every = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('');

test('no control character and no mark of direction is left, and nothing else is changed', () => {
  const kept = [...every].filter((character) => visibleLine(character) === character).join('');
  expect(kept).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\p{Zl}|\p{Zp}/u);
  expect(kept).toHaveLength(every.length - 65 - 12 - 2);
  expect(visibleLine('гость-客-🚪 e\u0301 👩\u200d👩')).toBe('гость-客-🚪 e\u0301 👩\u200d👩');
});

test('a text keeps its lines and tabs, a part of a line does not', () => {
  expect(visibleText('a\n\tb\r\u001b[2J\u009b')).toBe('a\n\tb\\r\\u001b[2J\\u009b');
  expect(visibleLine('a\nguestgate: all is well')).toBe('a\\nguestgate: all is well');
});

test('JSON means the same', () => {
  const json = visibleJson(JSON.stringify(every, null, 2));
  expect(json).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  expect(JSON.parse(json)).toBe(every);
});
