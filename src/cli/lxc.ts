import { Command } from 'commander';
import { parseLxcCall } from '../hook/lxc-call.ts';
import { onLxcCall } from '../hook/lxc-event.ts';
import { exitCodes } from '../model/exit-code.ts';
import { writeLine } from '../system/log-line.ts';

/** `guestgate lxc`: LXC's hook, see pkg/lxc/guestgate-hook.sh. Not for people. */
export function lxcCommand(finish: (exitCode: number) => void): Command {
  return new Command('lxc').argument('[args...]').action(async (args: string[]) => {
    // A container that another user starts: LXC runs its hooks as that user, who may change no rules.
    if (process.geteuid?.() !== 0) return finish(exitCodes.done);
    const { subject, level, message, refuse } = await onLxcCall(parseLxcCall(args, process.env));
    if (level !== 'debug') await writeLine({ level, message: `${subject}: ${message}` });
    finish(refuse === true ? exitCodes.failed : exitCodes.done);
  });
}
