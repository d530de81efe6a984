import { expect, test } from 'vitest';
import { areDifferent, elementsWithout } from '../../../src/model/difference.ts';
import { forwardOf } from '../records.ts';

const [a, b, c] = [forwardOf(80), forwardOf(81), forwardOf(80, { to: 8080 })] as const;

test('elements are the same by what they say, not by which object they are', () => {
  expect(elementsWithout([a, b], [{ ...a }])).toEqual([b]);
  expect(elementsWithout([], [a])).toEqual([]);
  expect(elementsWithout([a], [])).toEqual([a]);
});

test.each([
  [[], [], false],
  [[a, b], [b, a], false],
  [[a], [a, b], true],
  [[a, b], [a], true],
  [[a], [c], true],
])('%#', (some, others, expected) => {
  expect(areDifferent(some, others)).toBe(expected);
});
