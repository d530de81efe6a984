import { Command } from 'commander';
import { type Replay, replay, replaySome } from '../apply/replay.ts';
import { quoted } from '../model/problem.ts';
import { writeLog } from '../system/log.ts';
import { print, printJson } from './output.ts';

/** `guestgate replay [GUEST...]`, and `--replay [GUEST...]` of the hooks. */
export function replayCommand(finish: (exitCode: number) => void): Command {
  return new Command('replay')
    .summary('rebuild all rules and records from the running guests')
    .description(
      'Rebuild rules and records from the guests that run now. ' +
        "guestgate reads libvirt's status files and xenstore; it does not call libvirt. " +
        'With guest names, it replays only these, and removes the rules of those that do not run.',
    )
    .argument('[guests...]', 'only these guests, by name or UUID')
    .option('--json', 'print as JSON')
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
      await writeLog([entryOf(names, result)], false, 'system');
      finish(failed ? 1 : 0);
    });
}

/** What a person did by hand stands in the system's log beside what libvirt's events did. */
function entryOf(names: readonly string[], { guests, problems }: Replay) {
  const count = problems.length + guests.reduce((sum, guest) => sum + guest.problems.length, 0);
  const which = names.length === 0 ? 'everything' : names.map(quoted).join(', ');
  const message = `replay of ${which}: ${guests.length} guests, ${count} problems`;
  return { level: count > 0 ? ('warn' as const) : ('info' as const), message };
}
