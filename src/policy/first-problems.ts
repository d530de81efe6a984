import type { Problem } from '../model/problem.ts';

/** More than these are counted only: each problem is kept in the guest's record, and shown by every command. */
const most = 20;

/** The first problems of a text, and the number of the others. */
export function firstProblems(problems: readonly Problem[]): readonly Problem[] {
  const [first, ...others] = problems.slice(most);
  if (first === undefined) return problems;
  const further: Problem = {
    where: first.where,
    problem: `${others.length + 1} further mistakes`,
    hint: 'correct the others first',
  };
  return [...problems.slice(0, most), further];
}
