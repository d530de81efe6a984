import { expect, test } from 'vitest';
import { isExhausted, tries } from '../../../src/state/failed-elements.ts';

test('a guest is tried a few times', () => {
  expect(isExhausted(undefined)).toBe(false);
  expect(isExhausted({})).toBe(false);
  expect(isExhausted({ failed: { digest: 'x', times: tries - 1 } })).toBe(false);
  expect(isExhausted({ failed: { digest: 'x', times: tries } })).toBe(true);
});
