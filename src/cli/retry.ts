import { Command } from 'commander';
import { finish } from '../apply/retry.ts';

/** `guestgate retry`: started by hooks, not by people. */
export function retryCommand(end: (exitCode: number) => void): Command {
  return new Command('retry')
    .description('do what hooks left because others held the lock for too long')
    .action(async () => end(await finish()));
}
