import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { UserError } from '../model/problem.ts';

/**
 * Lets a person edit a text, in a copy of its own that only this user can read.
 *
 * @param path of the original: the copy has its name, so that the editor knows what it is
 * @param editor a program and its arguments, with blanks between them: `code --wait`
 * @throws UserError if the editor cannot be run, or fails
 */
export function editText(path: string, text: string, editor: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestgate-edit-'));
  try {
    const copy = join(folder, basename(path));
    writeFileSync(copy, text, { mode: 0o600 });
    const [program = 'vi', ...args] = editor.trim().split(/\s+/);
    const { error, status, signal } = spawnSync(program, [...args, copy], { stdio: 'inherit' });
    if (error !== undefined)
      throw new UserError(`running the editor ${program} (set VISUAL or EDITOR to another one)`, {
        cause: error,
      });
    if (status !== 0)
      throw new UserError(`the editor ${program} ended with ${signal ?? status}: nothing is changed`);
    return readFileSync(copy, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
