import { join } from 'node:path';
import type { BackendName } from '../model/backend-name.ts';
import { paths } from '../model/paths.ts';
import { hasState, readText, writeWhole } from '../system/files.ts';

/* What the host can do, asked once a boot: a file of its own, as it is written without the lock. */

const file = join(paths.state, 'backend');
const names: readonly string[] = ['nftables', 'iptables-nft', 'iptables-legacy'] satisfies BackendName[];

/** The back end that `auto` chose here; undefined: not chosen yet. */
export function readMemo(): BackendName | undefined {
  const name = readText(file)?.trim() ?? '';
  return names.includes(name) ? (name as BackendName) : undefined;
}

/** A command that only reads makes no state folder: the next one chooses again. */
export function writeMemo(name: BackendName): void {
  if (hasState()) writeWhole(file, `${name}\n`);
}
