import { formatProblem, type Problem } from '../../../src/model/problem.ts';
import type { Place } from '../../../src/policy/validate.ts';

/** Where the tables of these tests are. */
export const place: Place = { file: '/g.toml', path: ['guest', 'web'] };

/** What a reader returns, and the problems that it reports, each with its place in the table. */
export function reading<T>(read: (place: Place, problems: Problem[]) => T): { value: T; told: string[] } {
  const problems: Problem[] = [];
  const value = read(place, problems);
  return { value, told: problems.map(tell) };
}

export function tell({ path = [], ...problem }: Problem): string {
  return formatProblem({ ...problem, where: path.slice(place.path.length).join('.') });
}
