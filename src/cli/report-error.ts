import { exitCodes } from '../model/exit-code.ts';
import { CommandError, Hindrance, messageOf, UserError } from '../model/problem.ts';
import { visibleLine, visibleText } from '../model/visible-text.ts';
import { printError } from './output.ts';

/**
 * Prints an error to stderr.
 *
 * @returns the exit code for it
 */
export function reportError(error: unknown, verbose: boolean): number {
  printError(visibleLine(messageOf(error)));
  if (error instanceof CommandError) {
    const { look } = error.failure;
    if (look !== undefined) printError(`to see all of it, run: ${visibleLine(look)}`);
    if (verbose) process.stderr.write(visibleText(`${error.details}\n`));
    return exitCodes.failed;
  }
  if (isForbidden(error)) {
    printError('this needs root: sudo guestgate ...');
    return exitCodes.mistake;
  }
  if (error instanceof Hindrance) return exitCodes.failed;
  if (error instanceof UserError) return exitCodes.mistake;
  process.stderr.write(
    visibleText(
      `${(error as Error).stack ?? ''}\nguestgate: this is a bug: please report it with the lines above\n`,
    ),
  );
  return exitCodes.bug;
}

function isForbidden(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM' || isForbidden(error.cause);
}
