import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { wholeNumber } from '../../../src/cli/whole-number.ts';

test('a whole number is taken, and nothing else', () => {
  expect(wholeNumber('12')).toBe(12);
  for (const text of ['', '-1', '1.5', '1e3', 'x', '12345678901'])
    expect(() => wholeNumber(text)).toThrow(InvalidArgumentError);
});
