import { Command } from 'commander';
import { replay, replaySome } from '../app/replay.ts';
import { quoted } from '../model/problem.ts';
import { print, printJson } from './output.ts';

/** `guestgate replay [GUEST...]`, and `--replay [GUEST...]` of the hooks. */
export function replayCommand(finish: (exitCode: number) => void): Command {
  return new Command('replay')
    .description('rebuild rules and records from the guests that run now, without asking libvirt')
    .argument('[guests...]', 'only these, by name or UUID')
    .option('--json', 'print what became of each guest as JSON')
    .action(async (names: string[], options: { json?: boolean }) => {
      const result = names.length === 0 ? await replay() : await replaySome(names);
      if (options.json) printJson(result);
      else {
        for (const { guest, elements, problems } of result.guests) {
          const count = `${elements.length} element${elements.length === 1 ? '' : 's'}`;
          print(`${guest.driver} ${quoted(guest.name)}: ${count}`);
          for (const problem of problems)
            process.stderr.write(`guestgate: ${guest.driver} guest ${quoted(guest.name)}: ${problem}\n`);
        }
        for (const problem of result.problems) process.stderr.write(`guestgate: ${problem}\n`);
      }
      const failed = result.problems.length > 0 || result.guests.some(({ problems }) => problems.length > 0);
      finish(failed ? 1 : 0);
    });
}
