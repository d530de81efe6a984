import { expect, test } from 'vitest';
import { bestComparison, notCompared } from '../../../src/check/comparison.ts';
import { CommandError } from '../../../src/model/problem.ts';

const failure = {
  doing: 'reading',
  command: 'nft -j list ruleset',
  outcome: 'printed half of it',
  stderr: '',
};
const fault = (more = {}) => new CommandError({ ...failure, ...more });

test('what was compared is returned as it is', () => {
  const finding = { subject: 'kernel', problem: 'x', severity: 'something' } as const;
  expect(bestComparison('the rules', () => [finding])).toEqual([finding]);
});

test('a listing that cannot be read is a finding that shows neither agreement nor a missing rule', () => {
  const found = bestComparison('table ip guestgate', () => {
    throw fault();
  });
  expect(found).toMatchObject([
    {
      kind: 'unread',
      severity: 'later',
      problem: expect.stringMatching(/^table ip guestgate could not be compared: reading: nft/),
    },
  ]);
});

test('the command that shows why is its fix, where there is one', () => {
  expect(notCompared('x', fault({ look: 'nft list ruleset' })).fix).toBe('nft list ruleset');
  expect(notCompared('x', fault())).not.toHaveProperty('fix');
});

test('a bug is no listing that could not be read', () => {
  const compare = () => {
    throw new TypeError('bug');
  };
  expect(() => bestComparison('x', compare)).toThrow('bug');
});
