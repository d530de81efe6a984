import { expect, test } from 'vitest';
import { judgeConntrack } from '../../../src/doctor/conntrack.ts';

test('a nearly full table of connections is a warning, a full one blocks everything', () => {
  expect(judgeConntrack(79, 100)).toEqual([]);
  expect(judgeConntrack(80, 100)).toMatchObject([
    { severity: 'later', fix: 'sysctl -w net.netfilter.nf_conntrack_max=200' },
  ]);
  expect(judgeConntrack(100, 100)).toMatchObject([{ severity: 'everything' }]);
  expect(judgeConntrack(Number.NaN, Number.NaN)).toEqual([]);
});
