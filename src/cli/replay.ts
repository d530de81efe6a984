import { Command } from 'commander';
import { type Replay, replay, replaySome } from '../apply/replay.ts';
import { runAgain } from '../hook/run-again.ts';
import { counted } from '../model/counted.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeFinding, describeWithin } from '../model/finding.ts';
import { quoted, UserError } from '../model/problem.ts';
import { writeLog } from '../system/winston-log.ts';
import { warn } from './findings.ts';
import { print, printJson } from './output.ts';
import { withProgress } from './progress.ts';
import { requireRoot } from './require-root.ts';
import { wholeNumber } from './whole-number.ts';

/** `guestgate replay [GUEST...]`, and `--replay [GUEST...]` of the hooks. */
export function replayCommand(finish: (exitCode: number) => void): Command {
  return new Command('replay')
    .summary('rebuild all rules and records from the running guests')
    .description(
      'Rebuild rules and records from the guests that run now. ' +
        "guestgate reads libvirt's status files and xenstore; it does not call libvirt. " +
        'With guest names, it replays only these, and removes the rules of those that do not run. ' +
        'With --event it runs one hook call of guestgate events again, with the XML that was kept of it.',
    )
    .argument('[guests...]', 'only these guests, by name, UUID, or driver and name (lxc:web)')
    .option('--event <number>', 'run this event of guestgate events again', wholeNumber)
    .option('--json', 'print as JSON')
    .action(async (names: string[], options: { json?: boolean; event?: number }) => {
      if (options.event !== undefined) return finish(await replayEvent(options.event, names, options.json));
      const result = await withProgress((step) =>
        names.length === 0 ? replay((doing) => step(`replaying ${doing}`)) : replaySome(names),
      );
      if (options.json) printJson(replayJson(result));
      else {
        for (const { guest, elements, problems } of result.guests) {
          const count = counted(elements.length, 'element');
          print(`${guest.driver} ${quoted(guest.name)}: ${count}`);
          warn(problems);
        }
        warn(result.problems);
      }
      const failed = result.problems.length > 0 || result.guests.some(({ problems }) => problems.length > 0);
      await writeLog([entryOf(names, result)], false, 'system');
      finish(failed ? exitCodes.failed : exitCodes.done);
    });
}

async function replayEvent(number: number, names: readonly string[], json = false): Promise<number> {
  requireRoot('replay');
  if (names.length > 0) throw new UserError('--event names its guest itself: leave out the guest names');
  const { exitCode, entry } = await runAgain(number);
  await writeLog([entry], false, 'system');
  if (json) printJson({ event: number, level: entry.level, message: entry.message, exitCode });
  else print(entry.message);
  return exitCode === exitCodes.done && entry.level !== 'error' ? exitCodes.done : exitCodes.failed;
}

export function replayJson({ guests, problems }: Replay) {
  return {
    guests: guests.map((guest) => ({ ...guest, problems: guest.problems.map(describeWithin) })),
    problems: problems.map(describeFinding),
  };
}

/** The line of the system's log, beside those of libvirt's events. */
function entryOf(names: readonly string[], { guests, problems }: Replay) {
  const count = problems.length + guests.reduce((sum, guest) => sum + guest.problems.length, 0);
  const which = names.length === 0 ? 'everything' : names.map(quoted).join(', ');
  const message = `replay of ${which}: ${counted(guests.length, 'guest')}, ${counted(count, 'problem')}`;
  return { level: count > 0 ? ('warn' as const) : ('info' as const), message };
}
