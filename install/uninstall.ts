import { readdirSync, readlinkSync, rmdirSync, rmSync } from 'node:fs';
import { undoRescue } from '../src/apply/undo-rescue.ts';
import { removeRules } from '../src/install/remove-rules.ts';
import { keptFiles } from '../src/model/kept-files.ts';
import { paths } from '../src/model/paths.ts';
import { readText, removeFile } from '../src/system/files.ts';
import { restore } from './divert.ts';
import { type Made, manifestFolder, readManifest, removeManifest } from './manifest.ts';
import { forgetServices, stopServices } from './services.ts';

/** What `uninstall` removed, and what it kept because it was changed since. */
export interface Uninstalled {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  /** Chains and tables that stay because they hold rules of the administrator's. */
  readonly keptRules: readonly string[];
}

/**
 * Removes what `install` made, and everything of ours in the kernel's ruleset: both are as they were before. A
 * configuration that was written by hand stays, unless it is to be purged.
 */
export async function uninstall(options: { readonly purge: boolean }): Promise<Uninstalled> {
  stopServices();
  // Its rules go, and those of others come back: without guestgate, nothing could bring them back.
  await undoRescue();
  const keptRules = await removeRules();
  // A change that waited stays: there is nothing left that could roll it back.
  for (const file of [keptFiles.applied, keptFiles.pending, keptFiles.rescue]) removeFile(file);
  const removed: string[] = [];
  const kept: string[] = [];
  if (options.purge) rmSync(paths.configuration, { recursive: true, force: true });
  for (const made of [...readManifest().made].reverse()) {
    (remove(made) ? removed : kept).push(made.path);
  }
  removeManifest();
  forgetServices();
  removeEmptyFolder(manifestFolder);
  return { removed, kept, keptRules };
}

/** @returns false if it is no longer what was installed */
function remove(made: Made): boolean {
  switch (made.kind) {
    case 'link':
      if (linkTarget(made.path) !== made.target) return linkTarget(made.path) === undefined;
      break;
    case 'file':
      if ((readText(made.path) ?? made.text) !== made.text) return false;
      break;
    case 'diverted':
      return restore(made);
    case 'folder':
      return removeEmptyFolder(made.path);
    case 'program':
      break;
  }
  removeFile(made.path);
  return true;
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function removeEmptyFolder(path: string): boolean {
  try {
    if (readdirSync(path).length > 0) return false;
    rmdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return true;
}
