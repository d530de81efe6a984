import { CommandError, messageOf, UserError } from '../model/problem.ts';

/**
 * Prints an error to stderr.
 *
 * @returns the exit code: 2 a mistake of the user, 1 a program that failed, 70 a bug (EX_SOFTWARE)
 */
export function reportError(error: unknown, verbose: boolean): number {
  process.stderr.write(`guestgate: ${messageOf(error)}\n`);
  if (error instanceof CommandError) {
    const { look } = error.failure;
    if (look !== undefined) process.stderr.write(`guestgate: to see all of it, run: ${look}\n`);
    if (verbose) process.stderr.write(`${error.details}\n`);
    return 1;
  }
  if (isForbidden(error)) {
    process.stderr.write('guestgate: this needs root: sudo guestgate ...\n');
    return 2;
  }
  if (error instanceof UserError) return 2;
  process.stderr.write(
    `${(error as Error).stack ?? ''}\nguestgate: this is a bug: please report it with the lines above\n`,
  );
  return 70;
}

function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM' || isForbidden(error.cause);
}
