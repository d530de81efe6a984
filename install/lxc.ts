import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import hook from '../pkg/lxc/guestgate-hook.sh' with { type: 'text' };
import { UserError } from '../src/model/problem.ts';
import type { Installation } from './installation.ts';
import type { Script } from './xen-scripts.ts';

const hookPath = '/usr/share/lxc/hooks/guestgate';

/** Where the configurations of distributions' containers include all files (`/usr/share/lxc/config/common.conf`). */
const configurationFolder = '/usr/share/lxc/config/common.conf.d';

/** The hook, and the lines that let every container that includes LXC's common configuration run it. */
export const lxcScripts: readonly Script[] = [
  { path: hookPath, text: hook, mode: 0o755 },
  {
    path: `${configurationFolder}/50-guestgate.conf`,
    text: `# guestgate applies the policies of containers. A container whose configuration does not include common.conf needs these lines itself.
lxc.hook.start-host = ${hookPath}
lxc.hook.post-stop = ${hookPath}
`,
    mode: 0o644,
  },
];

/**
 * Lets LXC call us for each container.
 *
 * @throws UserError if LXC is not installed, or a foreign file has the path
 */
export function installLxc(work: Installation): void {
  if (!existsSync(work.at(dirname(configurationFolder))))
    throw new UserError(
      `installing the hook of LXC: ${work.at(dirname(configurationFolder))} is missing (install lxc first)`,
    );
  for (const script of lxcScripts) work.script(script, 'file');
  work.advice.push('containers that run already are known to guestgate after their next start');
}
