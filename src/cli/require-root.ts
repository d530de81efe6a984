import { UserError } from '../model/problem.ts';

/**
 * For commands that others than root would get a wrong answer from, rather than none: to them every ruleset is empty.
 *
 * @throws UserError
 */
export function requireRoot(command: string): void {
  if (process.geteuid?.() !== 0)
    throw new UserError(`this needs root, who alone sees the rules: sudo guestgate ${command}`);
}
