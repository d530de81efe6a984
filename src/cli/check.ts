import { Command } from 'commander';
import { check } from '../check/check.ts';
import { print, printJson } from './output.ts';

/** `guestgate check`: 0 agrees, 1 differs with what and where, 2 error. */
export function checkCommand(finish: (exitCode: number) => void): Command {
  return new Command('check')
    .description(
      'compare configuration, running guests and the kernel; exit 0 if they agree, 1 if not, 2 if the configuration is wrong',
    )
    .option('--json', 'print as JSON')
    .action(async (options: { json?: boolean }) => {
      const { problems, differences, remarks } = await check();
      if (options.json) printJson({ problems, differences, remarks });
      else {
        for (const line of [...problems, ...differences]) print(line);
        if (problems.length + differences.length === 0)
          print('Configuration, running guests and kernel agree.');
        for (const remark of remarks) print(`note: ${remark}`);
      }
      finish(problems.length > 0 ? 2 : differences.length > 0 ? 1 : 0);
    });
}
