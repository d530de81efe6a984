import { expect, test } from 'vitest';
import { describeRolledBack } from '../../../src/cli/confirm.ts';

test('each restored file is named, with the place of the text that it had', () => {
  expect(
    describeRolledBack([
      { path: '/a', kept: '/a.rolled-back' },
      { path: '/b', kept: undefined },
    ]),
  ).toEqual(['/a: rolled back; its text is kept in /a.rolled-back', '/b: rolled back']);
  expect(describeRolledBack([])).toEqual(['rolled back: the configuration is the one before the change']);
});
