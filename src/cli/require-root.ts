import { UserError } from '../model/problem.ts';

/**
 * For commands that would give a wrong answer to other users: the kernel shows them an empty ruleset.
 *
 * @throws UserError if the user is not root
 */
export function requireRoot(command: string): void {
  if (process.geteuid?.() !== 0)
    throw new UserError(`${command} needs root, to read the ruleset: sudo guestgate ${command}`);
}
