import { CommandError, messageOf } from '../model/problem.ts';

/**
 * What differs somewhere in the kernel; where what a program printed cannot be read, that it could not be compared: that
 * is neither agreement nor a rule that is missing.
 *
 * @param what is compared, for the message
 */
export function bestComparison(what: string, compare: () => readonly string[]): readonly string[] {
  try {
    return compare();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [notCompared(what, error)];
  }
}

export function notCompared(what: string, error: CommandError): string {
  return `kernel: ${what} could not be compared: ${messageOf(error)}`;
}
