import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { renderEntry, renderKey, renderPairs, renderText } from '../../../src/publish/toml-text.ts';

test.each([
  'web',
  'a.b',
  '',
  'two words',
  '"',
  "'",
  '\\',
  '\u001b[1m',
  '\u0085',
  '\u202e',
  'ü 😀',
  '__proto__',
])('%j survives as key and as text, without a character that controls a terminal', (name) => {
  const line = `${renderKey(name)} = ${renderText(name)}`;
  expect(Object.entries(parse(line))).toEqual([[name, name]]);
  expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
});

test('a bare key stays bare', () => {
  expect(renderKey('web-1_a')).toBe('web-1_a');
  expect(renderKey('a.b')).toBe('"a.b"');
});

test('an entry is a text or an inline table, and a table has a line per key', () => {
  expect(renderEntry('8443:443')).toBe('"8443:443"');
  const table = { port: '80', from: ['10.0.0.0/8', '10.1.1.1'], connections: 3, loopback: true };
  expect(renderEntry(table)).toBe(
    '{ port = "80", from = ["10.0.0.0/8", "10.1.1.1"], connections = 3, loopback = true }',
  );
  expect(renderPairs(table)[1]).toBe('from = ["10.0.0.0/8", "10.1.1.1"]');
});
