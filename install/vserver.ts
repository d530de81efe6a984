import { existsSync } from 'node:fs';
import { join } from 'node:path';
import scriptlet from '../pkg/vserver/guestgate-scriptlet.sh' with { type: 'text' };
import { paths } from '../src/model/paths.ts';
import { UserError } from '../src/model/problem.ts';
import { vserverEvents } from '../src/model/vserver.ts';
import type { Installation } from './installation.ts';

const scripts = join(paths.vservers, '.defaults/scripts');

/** Beside the folders of the events: util-vserver runs what is in those. */
const scriptletPath = join(scripts, 'guestgate-scriptlet');

/**
 * Lets util-vserver call us for each guest of Linux-VServer: one script, and a link to it for each event.
 *
 * @throws UserError if util-vserver is not installed, or a foreign file has a path
 */
export function installVserver(work: Installation): void {
  if (!existsSync(work.at(paths.vservers)))
    throw new UserError(
      `installing the script of Linux-VServer: ${work.at(paths.vservers)} is missing (install util-vserver first)`,
    );
  work.script({ path: scriptletPath, text: scriptlet, mode: 0o755 }, 'file');
  for (const event of vserverEvents)
    work.scriptLink(join(scripts, `${event}.d`, '50-guestgate'), scriptletPath);
  work.advice.push('guests of Linux-VServer that run already are known to guestgate after their next start');
}
