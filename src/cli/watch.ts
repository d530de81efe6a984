import { isatty } from 'node:tty';
import { Command } from 'commander';
import { type LogEntry, toStderr, toSystem } from '../system/log-line.ts';
import { watch } from '../watch/watch.ts';
import { requireRoot } from './require-root.ts';
import { watchLine } from './watch-line.ts';

/** `guestgate watch`: runs until a signal ends it. */
export function watchCommand(finish: (exitCode: number) => void): Command {
  return new Command('watch')
    .summary('watch the ruleset, and repair what other programs change')
    .description(
      'Watch the ruleset until a signal ends it, and repair what other programs remove or move behind their own rules. ' +
        'watch logs one line per repair, with the process that changed the ruleset last. ' +
        'If another program reverts the rules 5 times in 20 s, watch backs off (1 s to 60 s) and logs the rules above ours. ' +
        'One watcher runs per host.',
    )
    .action(async () => {
      requireRoot('watch');
      const ending = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
        process.once(signal, () => ending.abort());
      await watch(ending.signal, (event) => writeEntry(watchLine(event)));
      finish(0);
    });
}

/** Under systemd both stderr and the system's log lead to the journal, so stderr gets the line only at a terminal. */
async function writeEntry(entry: LogEntry): Promise<void> {
  if (isatty(2)) toStderr(entry);
  await toSystem(entry);
}
