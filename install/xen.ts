import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../src/model/problem.ts';
import { readText, writeWhole } from '../src/system/files.ts';
import { isOurVifCommon, vifCommon, vifCommonStock } from '../src/xen/xen-scripts.ts';
import { divert, writeOver } from './divert.ts';
import type { Made } from './manifest.ts';
import { hookScript, ownScripts, type Script, vifCommonScript } from './xen-scripts.ts';

/** An installation under way. */
interface Work {
  readonly made: Made[];
  readonly advice: string[];
  readonly folder: (path: string) => void;
  readonly note: (made: Made, done: string) => void;
}

/**
 * Lets Xen's vif scripts call us.
 *
 * @throws UserError if a foreign file has the path
 */
export function installXen(work: Work, way: 'replace' | 'hook'): void {
  for (const script of ownScripts) putScript(work, script);
  if (way === 'replace') {
    replaceVifCommon(work);
    return;
  }
  work.folder(dirname(hookScript.path));
  putScript(work, hookScript);
  work.advice.push(
    `${vifCommon} stays as it is, and so do its rules, if it makes any; vif-openvswitch calls no hooks`,
  );
}

/** A script of ours, or of a version before this. */
function putScript(work: Work, { path, text, mode }: Script): void {
  const before = readText(path);
  if (before === text) return;
  if (before !== undefined && !forget(work, path))
    throw new UserError(`installing ${path}: a file of that name is there already`);
  writeWhole(path, text);
  chmodSync(path, mode);
  work.note({ kind: 'file', path, text }, `script ${path}`);
}

function replaceVifCommon(work: Work): void {
  const [path, to, text] = [vifCommon, vifCommonStock, vifCommonScript];
  if (readText(path) === text) return;
  forget(work, path);
  const made = { kind: 'diverted' as const, path, to, text };
  if (isOurVifCommon()) writeOver(path, text);
  else divert(made);
  work.note(made, `script ${path}; Xen's own is now ${to}`);
}

/** Replaces what an earlier installation made. */
function forget({ made }: Work, path: string): boolean {
  const known = made.findIndex((one) => one.path === path);
  if (known >= 0) made.splice(known, 1);
  return known >= 0;
}
