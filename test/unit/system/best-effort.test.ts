import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CommandError, UserError } from '../../../src/model/problem.ts';
import { bestEffort } from '../../../src/system/best-effort.ts';

test('what succeeds is returned', () => {
  expect(bestEffort('counting', () => 3)).toBe(3);
});

test.each([
  ['a folder that cannot be made', () => mkdirSync('/proc/none')],
  ['a file in a folder that is not there', () => writeFileSync('/none/file', '')],
  [
    'a mistake of the user',
    () => {
      throw new UserError('no place for the file');
    },
  ],
  [
    'a program that fails',
    () => {
      throw new CommandError({ doing: 'looking', command: 'nft', outcome: 'failed', stderr: '' });
    },
  ],
])('%s is no matter', (_, action) => {
  expect(bestEffort('trying', action)).toBeUndefined();
});

test.each([
  ['a TypeError', () => (undefined as unknown as { length: number }).length, TypeError],
  ['a parser that fails', () => JSON.parse('{'), SyntaxError],
  [
    'an error without a code',
    () => {
      throw new Error('a bug');
    },
    Error,
  ],
])('%s is a bug, and goes through', (_, action, kind) => {
  expect(() => bestEffort('trying', action)).toThrow(kind);
});
