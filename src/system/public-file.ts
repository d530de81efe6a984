import { chmodSync, closeSync, constants, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UserError } from '../model/problem.ts';

/**
 * Replaces a file that every user may read: a reader sees the old text or the new. A link that has its path is replaced.
 *
 * @throws UserError if it cannot be written
 */
export function replacePublicFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  try {
    const descriptor = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      writeFileSync(descriptor, text);
    } finally {
      closeSync(descriptor);
    }
    chmodSync(temporary, 0o644);
    renameSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(temporary, { force: true });
    throw new UserError(`writing ${path}`, { cause: error });
  }
}
