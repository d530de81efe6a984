import { expect, test } from 'vitest';
import { firstProblems } from '../../../src/policy/first-problems.ts';

const problems = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ where: 'metadata', problem: `mistake ${index}` }));

test('a few problems stay as they are', () => {
  expect(firstProblems(problems(20))).toEqual(problems(20));
});

test('of many, the first are kept, and the others are counted', () => {
  const few = firstProblems(problems(100_000));
  expect(few).toHaveLength(21);
  expect(few.slice(0, 20)).toEqual(problems(20));
  expect(few.at(-1)).toMatchObject({ where: 'metadata', problem: '99980 further mistakes' });
});
