import { isatty } from 'node:tty';
import { Command } from 'commander';
import { exitCodes } from '../model/exit-code.ts';
import { type LogEntry, toStderr, toSystem } from '../system/log-line.ts';
import { watch } from '../watch/watch.ts';
import { requireRoot } from './require-root.ts';
import { watchLine } from './watch-line.ts';

/** `guestgate watch`: runs until a signal ends it. */
export function watchCommand(finish: (exitCode: number) => void): Command {
  return new Command('watch')
    .summary('watch what calls no hook: other programs, the uplinks, leases')
    .description(
      'Watch the ruleset until a signal ends it, and repair what other programs remove or move behind their own rules. ' +
        'watch logs one line per repair, with the process that changed the ruleset last. ' +
        'If another program reverts the rules 5 times in 20 s, watch backs off (1 s to 60 s) and logs the rules above ours. ' +
        "Rules that depend on the host's addresses and default routes follow these within a second, and forwards follow the " +
        'DHCP leases of guests. ' +
        'With --apply, changed configuration files are applied, too, if they hold no mistake. ' +
        'One watcher runs per host.',
    )
    .option('--apply', 'apply changed configuration files that hold no mistake')
    .action(async (options: { apply?: boolean }) => {
      requireRoot('watch');
      const ending = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.abort());
      await watch(ending.signal, (event) => writeEntry(watchLine(event)), options);
      finish(exitCodes.done);
    });
}

/** Under systemd both stderr and the system's log lead to the journal, so stderr gets the line only at a terminal. */
async function writeEntry(entry: LogEntry): Promise<void> {
  if (isatty(2)) toStderr(entry);
  await toSystem(entry);
}
