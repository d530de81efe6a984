import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { keptFiles } from '../model/kept-files.ts';
import { UserError } from '../model/problem.ts';
import { isSavedRules, type SavedRules } from '../model/saved-rules.ts';
import { writeDurably } from '../system/durable-file.ts';
import { readText } from '../system/files.ts';
import { accessOfOthers } from '../system/root-only.ts';
import { readState } from './state-file.ts';

const format = 1;

/** The listings beside it, for people; nft's is compared with the ruleset that comes back. */
export const listingNames = {
  nft: 'ruleset.nft',
  settings: 'settings.txt',
  iptables: (program: string) => `${program}.txt`,
} as const;

/**
 * What a rescue put aside; undefined if no rescue is in place.
 *
 * @throws UserError if the file is damaged, or others than root could have written it
 */
export function readSavedRules(): SavedRules | undefined {
  const access = accessOfOthers(keptFiles.saved);
  if (access !== undefined)
    throw new UserError(
      `reading ${keptFiles.saved}: ${access.at} ${access.problem} (look at the file, then ${access.command})`,
    );
  const read = readState<SavedRules>(keptFiles.saved, format, isSavedRules);
  if (read.kind === 'unreadable')
    throw new UserError(
      `reading ${keptFiles.saved}, which brings back the rules before the rescue: ${read.why} (the files beside it show these rules; without saved.json, guestgate no longer tries)`,
    );
  return read.kind === 'read' ? read.value : undefined;
}

/** What nft listed before the rescue; undefined if that file is gone. */
export function readSavedListing(): string | undefined {
  return readText(join(keptFiles.rescue, listingNames.nft));
}

/**
 * @param texts listings, by file name
 * @throws UserError if there is no room
 */
export function writeSavedRules(saved: SavedRules, texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) writeDurably(join(keptFiles.rescue, name), text);
  // Last: once it is there, everything is.
  writeDurably(keptFiles.saved, JSON.stringify({ format, ...saved }));
}

/** No rescue is in place any more. The listings stay, to be read. @throws UserError if it cannot be removed */
export function removeSavedRules(): void {
  try {
    rmSync(keptFiles.saved, { force: true });
  } catch (error) {
    throw new UserError(`removing ${keptFiles.saved}`, { cause: error });
  }
}
