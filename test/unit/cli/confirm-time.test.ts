import { expect, test } from 'vitest';
import { confirmSeconds } from '../../../src/cli/confirm-time.ts';

test.each([
  ['60', 60],
  ['1s', 1],
  ['5m', 300],
  ['60min', 3600],
])('%s is %i seconds', (text, seconds) => {
  expect(confirmSeconds(text)).toBe(seconds);
});

test.each(['', '0', '0s', '1h', '61min', '-1', '1.5s', '99999', 's'])('%j is refused', (text) => {
  expect(() => confirmSeconds(text)).toThrow('from 1s to 60min');
});
