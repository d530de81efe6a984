import { Command } from 'commander';
import { awaitConfirmation } from '../apply/await-confirmation.ts';

/** `guestgate roll-back`: started by commands and hooks, not by people. */
export function rollBackCommand(end: (exitCode: number) => void): Command {
  return new Command('roll-back')
    .description('wait until a change is confirmed, or roll it back')
    .action(async () => end(await awaitConfirmation()));
}
