import { expect, test } from 'vitest';
import { has } from '../../../src/doctor/mark-use.ts';

test('a bit in a value of 32 bits, the highest included', () => {
  expect(has(0xffffffff, 0x80000000)).toBe(true);
  expect(has(0x7fffffff, 0x80000000)).toBe(false);
  expect(has(0x10000001, 0x10000000)).toBe(true);
  expect(has(0xefffffff, 0x10000000)).toBe(false);
});
