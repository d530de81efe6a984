import { Command } from 'commander';
import { uninstall } from '../../install/uninstall.ts';
import { print, printJson } from './output.ts';

/** `guestgate uninstall`. */
export function uninstallCommand(finish: (exitCode: number) => void): Command {
  return new Command('uninstall')
    .description('remove what install made, and all rules: files and ruleset are as before')
    .option('--purge', 'also remove a configuration that was written by hand')
    .option('--json', 'print what was done as JSON')
    .action(async (options: { purge?: boolean; json?: boolean }) => {
      const { removed, kept } = await uninstall({ purge: options.purge === true });
      if (options.json) printJson({ removed, kept });
      else {
        for (const path of removed) print(`removed ${path}`);
        for (const path of kept) print(`kept ${path}: it was changed, or is not empty`);
        print('all rules are removed');
      }
      finish(0);
    });
}
