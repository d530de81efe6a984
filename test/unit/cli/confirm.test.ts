import { expect, test } from 'vitest';
import { describeRolledBack } from '../../../src/cli/confirm.ts';

test('each restored file is named, with the place of the text that it had', () => {
  expect(
    describeRolledBack({
      files: [
        { path: '/a', kept: '/a.rolled-back' },
        { path: '/b', kept: undefined },
      ],
      problems: [],
    }),
  ).toEqual(['/a: rolled back; its text is kept in /a.rolled-back', '/b: rolled back']);
  const none = { files: [], problems: [] };
  expect(describeRolledBack(none)).toEqual(['rolled back: the configuration is the one before the change']);
  expect(describeRolledBack({ ...none, rescue: true })).toEqual([
    'rolled back: the rules before the rescue are back',
  ]);
});
