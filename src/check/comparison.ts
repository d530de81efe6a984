import type { Finding } from '../model/finding.ts';
import { CommandError, messageOf } from '../model/problem.ts';

/**
 * Compares a part of the kernel's rules with what they should be. A listing that cannot be read is a finding, too: it
 * shows neither agreement nor a missing rule.
 *
 * @param what is compared, for the message
 */
export function bestComparison(what: string, compare: () => readonly Finding[]): readonly Finding[] {
  try {
    return compare();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return [notCompared(what, error)];
  }
}

/** The finding that something could not be compared, with the command that shows why. */
export function notCompared(what: string, error: CommandError): Finding {
  const { look } = error.failure;
  return {
    kind: 'unread',
    subject: 'kernel',
    problem: `${what} could not be compared: ${messageOf(error)}`,
    severity: 'later',
    ...(look !== undefined && { fix: look }),
  };
}
