import { Command } from 'commander';
import { exitCodes } from '../model/exit-code.ts';
import { quoted } from '../model/problem.ts';
import { onVserverEvent } from '../netns/vserver-event.ts';
import { writeLine } from '../system/log-line.ts';
import { requireRoot } from './require-root.ts';

/** `guestgate vserver EVENT NAME`: a scriptlet of util-vserver, see pkg/vserver/guestgate-scriptlet.sh. Not for people. */
export function vserverCommand(finish: (exitCode: number) => void): Command {
  return new Command('vserver')
    .argument('<event>')
    .argument('<name>')
    .action(async (event: string, name: string) => {
      requireRoot('vserver');
      const { level, message, refuse } = await onVserverEvent(event, name);
      if (level !== 'debug')
        await writeLine({ level, message: `vserver ${quoted(name)} ${event}: ${message}` });
      finish(refuse === true ? exitCodes.failed : exitCodes.done);
    });
}
