import { lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { recordName } from '../model/guest.ts';
import { ConfigurationChanged, UserError } from '../model/problem.ts';
import { readText, replaceFile } from './files.ts';

/** The file of its own that a guest's policy gets: readable where its name is, and safe as a file's name. */
export function guestFile(folder: string, name: string): string {
  const plain = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}$/.test(name);
  return join(folder, `${plain ? name : recordName({ driver: 'qemu', name }).slice('qemu-'.length)}.toml`);
}

/**
 * Replaces a configuration file atomically: a reader sees the old text or the new. Its mode and its group stay,
 * a link to it stays a link, and it belongs to root.
 *
 * @param before the text as it was read; undefined for a file that is not there yet, nor its folder maybe
 * @throws ConfigurationChanged if another program changed it meanwhile: the file stays as that program left it
 * @throws UserError if it cannot be written: the old text stays
 */
export function replaceConfigurationFile(path: string, before: string | undefined, after: string): void {
  if (readText(path) !== before) {
    throw new ConfigurationChanged(
      `writing ${path}: another program keeps changing it (try again when it has ended)`,
    );
  }
  try {
    if (before === undefined) mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    const target = before === undefined ? path : realpathSync(path);
    const status = before === undefined ? { mode: 0o644, gid: 0 } : statSync(target);
    // No policy is read from a file that begins with a dot: a rest of this one is none.
    const temporary = join(dirname(target), `.guestgate.${process.pid}.tmp`);
    replaceFile(target, temporary, after, { mode: status.mode & 0o7777, group: status.gid, durable: true });
  } catch (error) {
    throw new UserError(`writing ${path}`, { cause: error });
  }
}

/** Whether a file's name is taken, be it by a link to nothing. */
export function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
