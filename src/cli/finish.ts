import { Command } from 'commander';
import { finish } from '../apply/retry.ts';

/** `guestgate finish`: started by hooks, not by people. */
export function finishCommand(end: (exitCode: number) => void): Command {
  return new Command('finish')
    .description('do what hooks left because others held the lock for too long')
    .action(async () => end(await finish()));
}
