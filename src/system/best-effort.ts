import { CommandError, messageOf, UserError } from '../model/problem.ts';
import { toStderr } from './log-line.ts';

/**
 * Runs an action that may fail: a full or read-only state folder must not keep a guest's ports open. With
 * `--verbose` or GUESTGATE_VERBOSE=1 a line on stderr says what failed.
 *
 * @param doing what this is for, as a message says it: `writing the policy cache`
 * @returns undefined if the system or a program refuses
 * @throws anything that only a bug of guestgate can throw
 */
export function bestEffort<T>(doing: string, action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!isExpected(error)) throw error;
    if (isVerbose()) toStderr({ level: 'debug', message: `${doing}: ${messageOf(error)}` });
    return undefined;
  }
}

/** Errors of system calls have a code and the call's name (https://nodejs.org/api/errors.html#class-systemerror). */
function isExpected(error: unknown): boolean {
  if (error instanceof UserError || error instanceof CommandError) return true;
  return error instanceof Error && 'code' in error && ('syscall' in error || 'errno' in error);
}

function isVerbose(): boolean {
  return process.env['GUESTGATE_VERBOSE'] === '1' || process.argv.includes('--verbose');
}
