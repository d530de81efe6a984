import { expect, test } from 'vitest';
import { isClosedPipe } from '../../../src/cli/closed-pipe.ts';

test('a reader that has enough is no error; any other error of a stream is', () => {
  expect(isClosedPipe(Object.assign(new Error('write'), { code: 'EPIPE' }))).toBe(true);
  expect(isClosedPipe(Object.assign(new Error('write'), { code: 'ENOSPC' }))).toBe(false);
  expect(isClosedPipe({ code: 'EPIPE' })).toBe(false);
  expect(isClosedPipe(undefined)).toBe(false);
});
