import { expect, test } from 'vitest';
import { judgeLimits } from '../../../src/doctor/limits.ts';

const judge = (...lines: string[]) =>
  judgeLimits([
    { name: 'virtqemud', pid: 7, limits: ['Limit  Soft Limit  Hard Limit  Units', ...lines].join('\n') },
  ]);

test('limits that leave room for a hook, and a process that has ended, are no finding', () => {
  expect(judge('Max address space         unlimited            unlimited            bytes     ')).toEqual([]);
  expect(judge()).toEqual([]);
  expect(judge('Max stack size            8388608              unlimited            bytes     ')).toEqual([]);
  expect(judge('Max open files            1024                 524288               files     ')).toEqual([]);
  expect(judge('Max stack size            262144               262144               bytes     ')).toEqual([]);
});

test('the fix raises the soft limit alone where the hard one lets it', () => {
  expect(judge('Max address space         204800000            unlimited            bytes     ')).toEqual([
    {
      severity: 'everything',
      subject: 'virtqemud (process 7)',
      problem: expect.stringMatching(/^it has a limit of 204800000 .* 512 MiB /),
      advice: expect.stringContaining('LimitAS='),
      fix: 'prlimit --pid 7 --as=536870912:',
    },
  ]);
  expect(
    judge('Max open files            10                   1024                 files     '),
  ).toMatchObject([{ fix: 'prlimit --pid 7 --nofile=32:' }]);
});

test('and both where it does not', () => {
  expect(
    judge('Max stack size            65536                65536                bytes     '),
  ).toMatchObject([{ fix: 'prlimit --pid 7 --stack=262144' }]);
});

test('each limit that is too low is a finding', () => {
  const found = judge(
    'Max data size             1000                 unlimited            bytes     ',
    'Max open files            10                   1024                 files     ',
  );
  expect(found.map(({ fix }) => /--(\w+)=/.exec(fix)?.[1])).toEqual(['data', 'nofile']);
});
