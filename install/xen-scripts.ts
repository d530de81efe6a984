import { join } from 'node:path';
import { paths } from '../src/model/paths.ts';
import { vifHook, vifScript } from '../src/xen/xen-scripts.ts';
import guestgateShell from '../xen-scripts/guestgate.sh' with { type: 'text' };
import vifCommonText from '../xen-scripts/vif-common.sh' with { type: 'text' };
import vifGuestgate from '../xen-scripts/vif-guestgate' with { type: 'text' };
import hook from '../xen-scripts/vif-post.d/50-guestgate.hook' with { type: 'text' };

/** How Xen's vif scripts call guestgate: by our `vif-common.sh`, by a hook beside theirs, or not. */
export const xenWays = ['replace', 'hook', 'no'] as const;
export type XenWay = (typeof xenWays)[number];

export interface Script {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** What all of them need; it is enough for guests with `script=vif-guestgate`. */
export const ownScripts: readonly Script[] = [
  { path: join(paths.xenScripts, 'guestgate.sh'), text: guestgateShell, mode: 0o644 },
  { path: join(paths.xenScripts, vifScript), text: vifGuestgate, mode: 0o755 },
];

export const hookScript: Script = { path: vifHook, text: hook, mode: 0o755 };

/** What replaces Xen's own file. */
export const vifCommonScript: string = vifCommonText;
