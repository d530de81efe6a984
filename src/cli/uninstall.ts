import { Command } from 'commander';
import { uninstall } from '../../install/uninstall.ts';
import { exitCodes } from '../model/exit-code.ts';
import { namespaceNames } from '../state/namespaces.ts';
import { print, printJson } from './output.ts';

/** `guestgate uninstall`. */
export function uninstallCommand(finish: (exitCode: number) => void): Command {
  return new Command('uninstall')
    .summary('remove what install made, and all rules')
    .description(
      'Remove what install made, and all rules of guestgate. The ruleset is then what it was before. ' +
        'A configuration that was changed stays. Existing connections are not ended.',
    )
    .option('--purge', 'remove /etc/guestgate with all files in it, too')
    .option('--json', 'print as JSON')
    .action(async (options: { purge?: boolean; json?: boolean }) => {
      // Afterwards nothing knows that guestgate made them.
      const namespaces = namespaceNames();
      const { removed, kept, keptRules } = await uninstall({ purge: options.purge === true });
      if (options.json) printJson({ removed, kept, keptRules, namespaces });
      else {
        for (const path of removed) print(`removed ${path}`);
        for (const path of kept) print(`kept ${path}: it was changed, or is not empty`);
        for (const place of keptRules) print(`kept ${place}: it holds your own rules`);
        for (const name of namespaces)
          print(`kept network namespace ${name}: to remove it, ip netns del ${name}`);
        print('all rules of guestgate are removed');
      }
      finish(exitCodes.done);
    });
}
