import { expect, test } from 'vitest';
import { quotedText } from '../../../src/model/quoted-text.ts';

test('every escaped text is read back by JSON as it was', () => {
  for (let code = 0; code < 0x2100; code++) {
    const text = `a${String.fromCharCode(code)}b`;
    expect(JSON.parse(quotedText(text))).toBe(text);
  }
});

test('no character that a terminal obeys, or that turns the line, is left', () => {
  const controls = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index)];
  const turning = [0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2066, 0x2069];
  for (const code of [...controls, ...turning])
    expect(quotedText(String.fromCharCode(code)), code.toString(16)).toMatch(/^"\\[\\a-z0-9"]+"$/);
});

test('letters of any script stay', () => {
  expect(quotedText('wëb 服务器 🦊')).toBe('"wëb 服务器 🦊"');
});
