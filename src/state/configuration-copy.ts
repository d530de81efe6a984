import { keptFiles } from '../model/kept-files.ts';
import { paths } from '../model/paths.ts';
import { formatProblem, UserError } from '../model/problem.ts';
import { isList, isObject, isText } from '../model/shape.ts';
import { readConfigurationFiles } from '../system/configuration-files.ts';
import { writeDurably } from '../system/durable-file.ts';
import { accessOfOthers } from '../system/root-only.ts';
import { configurationStamp } from './configuration-stamp.ts';
import { mayBePending } from './may-be-pending.ts';
import { readState } from './state-file.ts';

/*
 * A copy of the configuration as it was last applied in whole: an administrator edits the files by hand, and only this copy
 * knows what they said before. It is what `--confirm` rolls back to.
 */

/** A file of the configuration. */
export interface CopiedFile {
  readonly path: string;
  readonly text: string;
}

export interface ConfigurationCopy {
  /** `configurationStamp()` of the files when they were copied; empty if it is not known. */
  readonly stamp: string;
  readonly files: readonly CopiedFile[];
}

const format = 1;
const hasShape = isObject({ stamp: isText, files: isList(isObject({ path: isText, text: isText })) });

/** More files than this are read each time: the stamp does not have all of them (`configurationStamp()`). */
const mostStamped = 200;

/** How often the files are read again if they change meanwhile. */
const attempts = 5;

/**
 * The configuration as it was last applied; undefined if guestgate has not applied one yet.
 *
 * @throws UserError if the copy is damaged, or others than root could have written it
 */
export function readApplied(): ConfigurationCopy | undefined {
  const file = keptFiles.applied;
  const access = accessOfOthers(file);
  if (access !== undefined)
    throw new UserError(
      `reading ${file}: ${access.at} ${access.problem} (look at the file, then ${access.command})`,
    );
  const read = readState<ConfigurationCopy>(file, format, hasShape);
  if (read.kind === 'unreadable')
    throw new UserError(
      `reading ${file}, the configuration as it was last applied: ${read.why} (guestgate apply writes it again)`,
    );
  return read.kind === 'read' ? { stamp: read.value.stamp, files: read.value.files } : undefined;
}

/** The configuration as it is on disk. @throws UserError if a file cannot be read, or the files keep changing */
export function copyOfDisk(): ConfigurationCopy {
  for (let attempt = 1; ; attempt++) {
    const stamp = configurationStamp();
    const files = readConfigurationFiles(paths.configuration).map((file) => {
      if (file.refused !== undefined) throw new UserError(formatProblem(file.refused));
      return { path: file.path, text: file.text ?? '' };
    });
    if (configurationStamp() === stamp) return { stamp, files };
    if (attempt === attempts)
      throw new UserError(
        `copying ${paths.configuration}: another program keeps changing its files (try again when it has ended)`,
      );
  }
}

/** @throws UserError if it cannot be written: the old copy stays */
export function writeCopy(path: string, copy: ConfigurationCopy): void {
  writeDurably(path, JSON.stringify({ format, ...copy }));
}

/**
 * Keeps the files as those that were applied, unless a change waits for its confirmation.
 *
 * @param stamp of the files that were applied: files that have changed since were not
 * @throws UserError if the copy cannot be written: the old one stays
 */
export function keepApplied(stamp: string): void {
  if (mayBePending()) return;
  const applied = appliedOrNothing();
  if (applied?.stamp === stamp && applied.files.length <= mostStamped) return;
  const copy = copyOfDisk();
  if (copy.stamp === stamp) writeCopy(keptFiles.applied, copy);
}

/**
 * Keeps a change of one file that was applied. Other files may hold what was not applied yet.
 *
 * @param before the file's text before; undefined: there was none
 */
export function keepAppliedFile(path: string, before: string | undefined, after: string): void {
  if (mayBePending()) return;
  const applied = appliedOrNothing();
  if (applied === undefined || applied.files.find((file) => file.path === path)?.text !== before) return;
  writeCopy(keptFiles.applied, withFile(applied, path, after));
}

/** The copy with another text of one file. */
export function withFile({ files }: ConfigurationCopy, path: string, text: string): ConfigurationCopy {
  return { stamp: '', files: [...files.filter((file) => file.path !== path), { path, text }] };
}

/** Whether both hold the same texts in the same files. */
export function isSameCopy(one: ConfigurationCopy, other: ConfigurationCopy): boolean {
  const texts = new Map(one.files.map(({ path, text }) => [path, text]));
  return (
    one.files.length === other.files.length && other.files.every(({ path, text }) => texts.get(path) === text)
  );
}

/** A damaged copy is replaced by the next. */
function appliedOrNothing(): ConfigurationCopy | undefined {
  const read = readState<ConfigurationCopy>(keptFiles.applied, format, hasShape);
  return read.kind === 'read' ? read.value : undefined;
}
