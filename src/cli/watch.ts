import { isatty } from 'node:tty';
import { Command } from 'commander';
import { type LogEntry, toStderr, toSystem } from '../system/log-line.ts';
import { watch } from '../watch/watch.ts';
import { requireRoot } from './require-root.ts';

/** `guestgate watch`: runs until it is told to end. */
export function watchCommand(finish: (exitCode: number) => void): Command {
  return new Command('watch')
    .description('watch the ruleset, and put back at once what others take away or push down')
    .action(async () => {
      requireRoot('watch');
      const ending = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
        process.once(signal, () => ending.abort());
      await watch(ending.signal, tell);
      finish(0);
    });
}

/** Under systemd both ways lead to the journal: whoever sits at a terminal is told there, too. */
async function tell(entry: LogEntry): Promise<void> {
  if (isatty(2)) toStderr(entry);
  await toSystem(entry);
}
