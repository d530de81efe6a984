import { dirname } from 'node:path';
import { readText } from '../src/system/files.ts';
import { vifCommon, vifCommonStock } from '../src/xen/xen-scripts.ts';
import type { Installation } from './installation.ts';
import { hookScript, ownScripts, vifCommonScript } from './xen-scripts.ts';

/**
 * Lets Xen's vif scripts call us.
 *
 * @throws UserError if a foreign file has the path
 */
export function installXen(work: Installation, way: 'replace' | 'hook'): void {
  for (const script of ownScripts) work.script(script, 'script');
  if (way === 'replace') {
    replaceVifCommon(work);
    return;
  }
  work.folder(dirname(hookScript.path));
  work.script(hookScript, 'script');
  work.advice.push(
    `${vifCommon} stays as it is, and so do its rules, if it makes any; vif-openvswitch calls no hooks`,
  );
}

function replaceVifCommon(work: Installation): void {
  const [path, to, text] = [vifCommon, vifCommonStock, vifCommonScript];
  if (readText(path) === text) return;
  const made = { kind: 'diverted' as const, path, to, text };
  work.steps.push({ made, done: `script ${path}; Xen's own is now ${to}` });
}
