import { realpathSync } from 'node:fs';

/** The file of the program that runs now: the executable, or the script under Node. */
export function ownProgram(): string {
  const compiled = process.argv[1]?.startsWith('/$bunfs/') === true;
  return realpathSync(compiled ? process.execPath : (process.argv[1] ?? ''));
}
