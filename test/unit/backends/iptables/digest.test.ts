import { expect, test } from 'vitest';
import { digest } from '../../../../src/backends/iptables/digest.ts';

test('a digest has the length that is asked for, of characters that no shell and no parser knows', () => {
  for (const text of ['', 'qemu-web', 'x'.repeat(10_000), '"; DROP', '\u{1f600}'])
    expect(digest(text, 13)).toMatch(/^[a-z2-7]{13}$/);
});

test('it is the same in every process, and another one for another text', () => {
  expect(digest('qemu-web', 10)).toBe(digest('qemu-web', 10));
  const many = Array.from({ length: 2000 }, (_, index) => digest(`qemu-guest${index}`, 10));
  expect(new Set(many).size).toBe(many.length);
});

test('a shorter digest is the beginning of a longer one', () => {
  expect(digest('qemu-web', 20).startsWith(digest('qemu-web', 10))).toBe(true);
});
