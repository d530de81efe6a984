import { readFileSync } from 'node:fs';
import { UserError } from '../model/problem.ts';

/** All that is written to a command's standard input, to its end. Hooks, which may not wait, have `input.ts`. */
export function readStandardInput(): string {
  try {
    return readFileSync(0, 'utf8');
  } catch (error) {
    throw new UserError('reading standard input', { cause: error });
  }
}
