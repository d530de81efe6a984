import { realpathSync } from 'node:fs';

/** Whether the executable that bun makes runs, and not the script under Node.js: the paths of its modules begin so. */
export const isCompiled = process.argv[1]?.startsWith('/$bunfs/') === true;

/** The file of the program that runs now: the executable, or the script under Node.js. */
export function ownProgram(): string {
  return realpathSync(isCompiled ? process.execPath : (process.argv[1] ?? ''));
}
