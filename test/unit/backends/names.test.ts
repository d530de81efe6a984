import { expect, test } from 'vitest';
import { hex, label, names } from '../../../src/backends/names.ts';

test.each([
  ['web-1.example_x', 'web-1.example_x'],
  ['a b', 'a%20b'],
  ['"; flush ruleset; #', '%22%3B%20flush%20ruleset%3B%20%23'],
  ['é', '%C3%A9'],
  ['\n\\', '%0A%5C'],
  ['', ''],
])('%j is labelled %s', (name, text) => expect(label(name)).toBe(text));

test('a label fits into a comment, whole characters at a time, whatever the name', () => {
  for (const name of [
    'x'.repeat(500),
    ';'.repeat(500),
    '🚪'.repeat(100),
    `${'x'.repeat(99)}🚪`,
    `${'x'.repeat(98)};`,
    '\ud800',
  ]) {
    expect(label(name)).toMatch(/^([A-Za-z0-9._-]|%[0-9A-F]{2})*$/);
    expect(label(name).length).toBeLessThanOrEqual(100);
  }
});

test('bits are shown as the kernel shows them', () => {
  expect([0x10000000, 1, ~0x10000000, 0x80000000].map(hex)).toEqual([
    '0x10000000',
    '0x00000001',
    '0xefffffff',
    '0x80000000',
  ]);
});

test('chains of iptables hold 28 characters', () =>
  expect(names.forwardChain.length).toBeLessThanOrEqual(28));
