import { resolve } from 'node:path';
import { findGuest, keysOf } from '../desired/find-guest.ts';
import { paths } from '../model/paths.ts';
import { formatProblem, type Problem, quoted } from '../model/problem.ts';
import { contradict, describeClaim } from '../planner/conflicts.ts';
import { parseConfiguration } from '../policy/configuration.ts';
import { changeConfiguration } from '../publish/configuration-change.ts';
import type { TakenForward } from '../publish/forward-request.ts';
import { readFiles, takenByOthers } from '../publish/publish-file.ts';
import { guestsFolder } from '../system/configuration-files.ts';
import { removeFile } from '../system/files.ts';
import { guestFile, isTaken, replaceConfigurationFile } from '../system/guest-file.ts';
import { renderGuest } from './render-guest.ts';
import { type ImportedGuest, importHooks } from './translate-hooks.ts';

/** The file that an imported guest is to get. */
export interface ImportedFile {
  readonly guest: string;
  readonly path: string;
  readonly text: string;
}

/** What an import comes to: with a problem nothing is to be written. */
export interface Import {
  readonly files: readonly ImportedFile[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Translates a configuration of libvirt-hook-qemu into files of ours. Writes nothing yet.
 *
 * @param name what the text came from, for messages and comments
 * @param output where the files are to lie; undefined: where they count
 */
export async function planImport(text: string, name: string, output: string | undefined): Promise<Import> {
  const { guests, problems, warnings } = importHooks(text, name);
  const configuration = readFiles();
  const counts = output === undefined || resolve(output) === guestsFolder(paths.configuration);
  const files: ImportedFile[] = [];
  const standing: Problem[] = [];
  const taken: TakenForward[] = counts ? takenByOthers(configuration, []) : [];
  const clashes: Problem[] = [];
  for (const guest of guests) {
    const path = guestFile(output ?? guestsFolder(paths.configuration), guest.name);
    const key = keysOf((await findGuest(guest.name)).guest).find((one) => configuration.guests.has(one));
    const other = counts && key !== undefined ? configuration.places.get(key) : undefined;
    if (other !== undefined) standing.push(there(guest, `has a policy in ${other} already`));
    else if (isTaken(path)) standing.push(there(guest, `${path} is there already`));
    clashes.push(...clashesOf(guest, taken));
    taken.push(
      ...guest.forwards.map((forward) => ({ forward, guest: guest.name, where: () => guest.where })),
    );
    files.push({ guest: guest.name, path, text: renderGuest(guest) });
  }
  const wrong = parseConfiguration(files, '').problems;
  return {
    files,
    problems: [...problems, ...standing, ...wrong].map(formatProblem),
    warnings: [...warnings, ...clashes].map(formatProblem),
  };
}

function there({ name, where }: ImportedGuest, problem: string): Problem {
  return { where, problem: `guest ${quoted(name)}: ${problem}`, hint: 'nothing is written over it' };
}

/** Guests that never run at once may share a port; of those that do, the first has it. */
function clashesOf({ name, where, forwards }: ImportedGuest, taken: readonly TakenForward[]): Problem[] {
  return forwards.flatMap((forward) => {
    const other = taken.find((one) => one.guest !== name && contradict(one.forward, forward));
    if (other === undefined) return [];
    const claim = describeClaim({ host: forward.host, protocol: forward.protocol, ports: forward.ports });
    const whose = `guest ${quoted(other.guest)} (${other.where()})`;
    const problem = `guest ${quoted(name)}: ${claim} is ${whose}'s, too: whichever starts first has it`;
    return [{ where, problem }];
  });
}

/**
 * Plans an import and writes its files, as one step. With a problem nothing is written.
 *
 * @throws UserError if one file cannot be written: those that were written are gone again then
 */
export async function importFiles(text: string, name: string, output: string | undefined): Promise<Import> {
  return changeConfiguration(
    () => planImport(text, name, output),
    ({ files, problems }) => {
      if (problems.length === 0) writeImport(files);
    },
  );
}

function writeImport(files: readonly ImportedFile[]): void {
  const written: string[] = [];
  try {
    for (const { path, text } of files) {
      replaceConfigurationFile(path, undefined, text);
      written.push(path);
    }
  } catch (error) {
    for (const path of written) removeFile(path);
    throw error;
  }
}
