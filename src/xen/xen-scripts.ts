import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../model/paths.ts';
import { canRun, readText } from '../system/files.ts';

/** Our vif script's name, as `script=` of a guest's configuration has it. */
export const vifScript = 'vif-guestgate';

/** The file that all of Xen's vif scripts begin with. */
export const vifCommon = join(paths.xenScripts, 'vif-common.sh');

/** Where Xen's own file is kept while guestgate's has its path. */
export const vifCommonStock = `${vifCommon}.guestgate-stock`;

/** What they source at their end, if it is executable. */
export const vifHook = join(paths.xenScripts, 'vif-post.d', '50-guestgate.hook');

/** Whether Xen's own vif scripts call us: `vif-common.sh` is ours, or our hook is beside it. */
export function xenCallsUs(): boolean {
  return isOurVifCommon() || canRun(vifHook);
}

/** It names itself; see `xen-scripts/vif-common.sh`. */
export function isOurVifCommon(): boolean {
  return (readText(vifCommon) ?? '').includes('\nguestgate_vif_common=');
}

/** Whether something, an upgrade of Xen maybe, has put another file where ours was. */
export function isVifCommonLost(): boolean {
  return existsSync(vifCommonStock) && !isOurVifCommon();
}
