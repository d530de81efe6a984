import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { findGuest } from '../desired/find-guest.ts';
import { keysInFiles } from '../desired/guest-identity.ts';
import { paths } from '../model/paths.ts';
import { formatProblem, type Problem, quoted } from '../model/problem.ts';
import { contradict, describeClaim } from '../planner/conflicts.ts';
import { parseConfiguration } from '../policy/configuration.ts';
import { changeConfiguration } from '../publish/configuration-change.ts';
import type { TakenForward } from '../publish/forward-request.ts';
import { readFiles, takenByOthers } from '../publish/plan-file-change.ts';
import { bestEffort } from '../system/best-effort.ts';
import { guestsFolder } from '../system/configuration-files.ts';
import { guestFile, isTaken, replaceConfigurationFile } from '../system/guest-file.ts';
import { guestsByAddress } from './known-guests.ts';
import { renderGuest } from './render-guest.ts';
import { type Imported, type ImportedGuest, importHooks } from './translate-hooks.ts';
import { importIptables } from './translate-iptables.ts';

/** The file of an imported guest. */
export interface ImportedFile {
  readonly guest: string;
  readonly path: string;
  readonly text: string;
}

/** A planned import: with a problem, guestgate writes nothing. */
export interface Import {
  readonly files: readonly ImportedFile[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/** What is imported. `iptables-save`: the rules that it printed, or ip6tables-save. */
export interface ImportSource {
  readonly kind: 'hooks' | 'iptables-save';
  readonly text: string;
  /** Where the text comes from, for messages and comments. */
  readonly name: string;
}

/**
 * Translates a configuration of another program into guest files. Writes nothing.
 *
 * @param output the folder of the files; undefined: the folder of the configuration
 */
export async function planImport(source: ImportSource, output: string | undefined): Promise<Import> {
  const { guests, problems, warnings } = await translate(source);
  const configuration = readFiles();
  const counts = output === undefined || resolve(output) === guestsFolder(paths.configuration);
  const files: ImportedFile[] = [];
  const existing: Problem[] = [];
  const taken: TakenForward[] = counts ? takenByOthers(configuration, []) : [];
  const clashes: Problem[] = [];
  for (const guest of guests) {
    const path = guestFile(output ?? guestsFolder(paths.configuration), guest.name);
    const key = keysInFiles((await findGuest(guest.name)).guest).find((one) => configuration.guests.has(one));
    const other = counts && key !== undefined ? configuration.places.get(key) : undefined;
    if (other !== undefined) existing.push(refusal(guest, `already has a policy in ${other}`));
    else if (isTaken(path)) existing.push(refusal(guest, `${path} already exists`));
    clashes.push(...clashesOf(guest, taken));
    taken.push(
      ...guest.forwards.map((forward) => ({ forward, guest: guest.name, where: () => guest.where })),
    );
    files.push({ guest: guest.name, path, text: renderGuest(guest) });
  }
  const wrong = parseConfiguration(files, '').problems;
  return {
    files,
    problems: [...problems, ...existing, ...wrong].map(formatProblem),
    warnings: [...warnings, ...clashes].map(formatProblem),
  };
}

async function translate({ kind, text, name }: ImportSource): Promise<Imported> {
  return kind === 'hooks' ? importHooks(text, name) : importIptables(text, name, await guestsByAddress());
}

function refusal({ name, where }: ImportedGuest, problem: string): Problem {
  return { where, problem: `guest ${quoted(name)}: ${problem}`, hint: 'import does not overwrite it' };
}

/** Guests that never run together may share a port; of those that do, the first one gets it. */
function clashesOf({ name, where, forwards }: ImportedGuest, taken: readonly TakenForward[]): Problem[] {
  return forwards.flatMap((forward) => {
    const other = taken.find((one) => one.guest !== name && contradict(one.forward, forward));
    if (other === undefined) return [];
    const claim = describeClaim({ host: forward.host, protocol: forward.protocol, ports: forward.ports });
    const holder = `guest ${quoted(other.guest)} (${other.where()})`;
    const problem = `guest ${quoted(name)}: ${claim} is also forwarded to ${holder}: the guest that starts first gets it`;
    return [{ where, problem }];
  });
}

/**
 * Plans an import and writes its files, as one step. With a problem, it writes nothing.
 *
 * @throws UserError if one file cannot be written: the files that were written are removed
 */
export async function importFiles(source: ImportSource, output: string | undefined): Promise<Import> {
  return changeConfiguration(
    () => planImport(source, output),
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
    // Not removeFile(): another user may own the folder of --output, and put a folder there by now.
    for (const path of written) bestEffort(`removing ${path}`, () => rmSync(path, { force: true }));
    throw error;
  }
}
