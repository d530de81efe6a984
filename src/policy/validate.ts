import * as v from 'valibot';
import type { Problem } from '../model/problem.ts';
import { suggest } from './spelling.ts';

/** Where problems of a table are found: its file, and the way to it in there. */
export interface Place {
  readonly file: string;
  readonly path: readonly (string | number)[];
}

type Entries = Readonly<Record<string, v.GenericSchema>>;
type Table<Known extends Entries> = { readonly [Key in keyof Known]?: v.InferOutput<Known[Key]> };

/** A problem of a key below a place. */
export function problemAt(
  place: Place,
  below: readonly (string | number)[],
  problem: string,
  hint?: string,
): Problem {
  return { where: place.file, path: [...place.path, ...below], problem, ...(hint !== undefined && { hint }) };
}

/**
 * Checks a table key by key, and continues after every problem.
 *
 * @returns the keys with valid values
 */
export function validateTable<Known extends Entries>(
  entries: Known,
  value: unknown,
  place: Place,
  problems: Problem[],
): Table<Known> {
  if (!isTable(value)) {
    problems.push(problemAt(place, [], 'must be a table'));
    return {};
  }
  const table: Record<string, unknown> = {};
  for (const [key, written] of Object.entries(value)) {
    if (!Object.hasOwn(entries, key)) {
      problems.push(problemAt(place, [key], `unknown key "${key}"`, suggest(key, Object.keys(entries))));
      continue;
    }
    const result = v.safeParse(entries[key] as v.GenericSchema, written);
    if (result.success) table[key] = result.output;
    else
      problems.push(
        ...result.issues.map((issue) =>
          problemAt(place, [key, ...pathOf(issue)], `${key}: ${issue.message}`),
        ),
      );
  }
  return table as Table<Known>;
}

/** A table of a TOML file: not a list, and not a date, which is an object too. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function pathOf(issue: v.BaseIssue<unknown>): (string | number)[] {
  return (issue.path ?? []).map((item) => item.key as string | number);
}
