import { Command } from 'commander';
import { check } from '../check/check.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeFinding } from '../model/finding.ts';
import { print, printJson } from './output.ts';
import { withProgress } from './progress.ts';

/** `guestgate check`: what differs, and where. */
export function checkCommand(finish: (exitCode: number) => void): Command {
  return new Command('check')
    .summary('compare configuration, running guests, records and kernel; change nothing')
    .description(
      'Compare configuration, running guests, records and kernel. ' +
        'guestgate reports mistakes in the configuration with file and line. ' +
        'A bridge, port, route or setting of the host that keeps packets from running guests counts as a difference; ' +
        'guestgate doctor looks for more of these. ' +
        'Notes do not affect the exit code: guests in the files that want the same port and do not both run, and ' +
        'networks that libvirt does not know. Changes nothing.',
    )
    .option('--json', 'print as JSON')
    .action(async (options: { json?: boolean }) => {
      const found = await withProgress((step) => check(undefined, (doing) => step(`checking ${doing}`)));
      const problems = found.problems.map(describeFinding);
      const differences = found.differences.map(describeFinding);
      const blocked = found.blocked.map(describeFinding);
      const remarks = found.remarks.map(describeFinding);
      if (options.json) printJson({ problems, differences, blocked, remarks });
      else {
        for (const line of [...problems, ...differences, ...blocked]) print(line);
        if (problems.length + differences.length === 0)
          print(
            blocked.length === 0
              ? 'Configuration, running guests and kernel agree.'
              : 'Configuration and rules agree, but the host keeps packets from guests (guestgate doctor).',
          );
        for (const remark of remarks) print(`note: ${remark}`);
      }
      const { done, failed, mistake } = exitCodes;
      finish(problems.length > 0 ? mistake : differences.length + blocked.length > 0 ? failed : done);
    });
}
