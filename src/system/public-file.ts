import { UserError } from '../model/problem.ts';
import { replaceFile } from './files.ts';

/**
 * Replaces a file that every user may read: a reader sees the old text or the new. A link that has its path is replaced.
 *
 * @throws UserError if it cannot be written
 */
export function replacePublicFile(path: string, text: string): void {
  try {
    replaceFile(path, `${path}.${process.pid}.tmp`, text, { mode: 0o644 });
  } catch (error) {
    throw new UserError(`writing ${path}`, { cause: error });
  }
}
