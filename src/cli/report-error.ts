import { exitCodes } from '../model/exit-code.ts';
import { CommandError, messageOf, UserError } from '../model/problem.ts';

/**
 * Prints an error to stderr.
 *
 * @returns the exit code for it
 */
export function reportError(error: unknown, verbose: boolean): number {
  process.stderr.write(`guestgate: ${messageOf(error)}\n`);
  if (error instanceof CommandError) {
    const { look } = error.failure;
    if (look !== undefined) process.stderr.write(`guestgate: to see all of it, run: ${look}\n`);
    if (verbose) process.stderr.write(`${error.details}\n`);
    return exitCodes.failed;
  }
  if (isForbidden(error)) {
    process.stderr.write('guestgate: this needs root: sudo guestgate ...\n');
    return exitCodes.mistake;
  }
  if (error instanceof UserError) return exitCodes.mistake;
  process.stderr.write(
    `${(error as Error).stack ?? ''}\nguestgate: this is a bug: please report it with the lines above\n`,
  );
  return exitCodes.bug;
}

function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM' || isForbidden(error.cause);
}
