import { Command } from 'commander';
import { confirmChange, rejectChange } from '../apply/confirm.ts';
import type { RolledBack } from '../apply/roll-back.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeFinding } from '../model/finding.ts';
import { warn } from './findings.ts';
import { print, printError, printJson } from './output.ts';
import { requireRoot } from './require-root.ts';

/** `guestgate confirm`. */
export function confirmCommand(finish: (exitCode: number) => void): Command {
  return new Command('confirm')
    .summary('keep a change that was made with --confirm, or a rescue, or roll it back')
    .description(
      'Keep the change of the configuration that was made with --confirm. Without this command, guestgate restores the ' +
        'configuration files and the rules when the time is over, also if the session, the program or the host ended in between. ' +
        'The texts that are rolled back stay beside the files, as FILE.rolled-back.',
    )
    .option('--roll-back', 'roll the change back now')
    .option('--json', 'print as JSON')
    .action(async (options: { rollBack?: boolean; json?: boolean }) => {
      requireRoot('confirm');
      const result = options.rollBack === true ? { rejected: await rejectChange() } : await confirmChange();
      if (result === 'confirmed') {
        if (options.json === true) printJson({ confirmed: true });
        else print('confirmed: the change stays');
        return finish(exitCodes.done);
      }
      const isLate = 'tooLate' in result;
      const rolledBack = isLate ? result.tooLate : result.rejected;
      if (isLate && options.json !== true)
        printError('confirming the change: too late, it was not confirmed in time');
      show(rolledBack, options.json === true);
      finish(isLate || rolledBack.problems.length > 0 ? exitCodes.failed : exitCodes.done);
    });
}

function show(rolledBack: RolledBack, json: boolean): void {
  const { files, problems } = rolledBack;
  if (json) printJson({ confirmed: false, rolledBack: files, problems: problems.map(describeFinding) });
  else {
    for (const line of describeRolledBack(rolledBack)) print(line);
    warn(problems);
  }
}

/** A line for each file that a rollback restored. */
export function describeRolledBack({ files, rescue }: RolledBack): string[] {
  if (rescue === true) return ['rolled back: the rules before the rescue are back'];
  if (files.length === 0) return ['rolled back: the configuration is the one before the change'];
  return files.map(
    ({ path, kept }) => `${path}: rolled back${kept === undefined ? '' : `; its text is kept in ${kept}`}`,
  );
}
