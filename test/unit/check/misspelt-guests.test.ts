import { expect, test } from 'vitest';
import { judgeNames } from '../../../src/check/misspelt-guests.ts';

test('a policy for a name that a guest has in other letters', () => {
  expect(judgeNames(['Web', 'db', 'gone'], ['web', 'db'])).toMatchObject([
    { subject: 'guest "Web"', problem: expect.stringContaining('the guest is called "web"') },
  ]);
  expect(judgeNames(['Web'], ['web', 'Web'])).toEqual([]);
});
