import { Command } from 'commander';
import { type Status, status } from '../check/status.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeFinding, describeWithin } from '../model/finding.ts';
import { UserError } from '../model/problem.ts';
import { visibleText } from '../model/visible-text.ts';
import { pause } from '../system/pause.ts';
import { warn } from './findings.ts';
import { parseFormat } from './format.ts';
import { print, printEscaped, printJson } from './output.ts';
import { screenOf } from './screen.ts';
import { renderStatus } from './status-lines.ts';
import { untilSignal } from './until-signal.ts';

interface Options {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly format?: string;
}

/** How often `--watch` looks, in milliseconds. */
const between = 2000;
/** The cursor to the upper left; everything below it away (ECMA-48). */
const home = '\u001b[H';
const clear = '\u001b[J';

/** `guestgate status [GUEST...]`: guests, forwards, addresses, connections. */
export function statusCommand(finish: (exitCode: number) => void): Command {
  return new Command('status')
    .summary('show what is open for each guest')
    .description(
      'Show for each running guest with a policy: its state, its addresses and where they were found, its last hook call, and ' +
        'what is open, with the connections now and since the rule was added. What the connections of now have carried is shown ' +
        'while net.netfilter.nf_conntrack_acct is 1. With guest names, status reads only these.',
    )
    .argument('[guests...]', 'only these guests, by name, UUID, or driver and name (lxc:web)')
    .option('--watch', 'show it again every 2 s, until Ctrl-C')
    .option('--json', 'print as JSON')
    .option(
      '--format <template>',
      'print a line for each guest, with its keys of --json: {{.guest.name}} {{.address}}',
    )
    .action(async (names: string[], options: Options) => {
      if (options.watch === true && options.json === true)
        throw new UserError(
          '--watch and --json cannot be used together: use guestgate events --follow --json',
        );
      if (options.format !== undefined && (options.watch === true || options.json === true))
        throw new UserError('--format cannot be used together with --json or --watch: leave one of them out');
      if (options.watch === true) await watchStatus(names);
      else if (options.format !== undefined) await printLines(names, options.format);
      else show(await status(names), options);
      finish(exitCodes.done);
    });
}

function show(found: Status, options: Options): void {
  warn(found.problems);
  if (options.json === true) printJson(statusJson(found));
  else printEscaped(renderStatus(found, screenOf(process.stdout), Date.now()));
}

/** A line for each guest. */
async function printLines(names: readonly string[], template: string): Promise<void> {
  const lineOf = parseFormat(template, '--format');
  const found = await status(names);
  warn(found.problems);
  for (const guest of statusJson(found).guests) print(lineOf(guest));
}

/** Keys are documented in docs/reference/json.md, and in the schema beside it. */
export function statusJson({ guests, problems, ...rest }: Status) {
  return {
    ...rest,
    guests: guests.map((guest) => ({ ...guest, problems: guest.problems.map(describeWithin) })),
    problems: problems.map(describeFinding),
  };
}

/** A terminal is written over; a pipe gets one status below the other. */
async function watchStatus(names: readonly string[]): Promise<void> {
  const signal = untilSignal();
  const terminal = process.stdout.isTTY === true;
  if (terminal) printEscaped(`${home}${clear}`);
  while (!signal.aborted) {
    const found = await status(names);
    const text = renderStatus(found, screenOf(process.stdout), Date.now());
    const problems = found.problems.map((problem) => visibleText(describeFinding(problem)));
    const lines = [text, ...problems].join('\n').split('\n');
    if (terminal) {
      const height = Math.max(1, (process.stdout.rows ?? 24) - 1);
      // Each line is cleared to its end: nothing flickers.
      printEscaped(
        `${home}${lines
          .slice(0, height)
          .map((line) => `${line}\u001b[K`)
          .join('\n')}\n${clear}`,
      );
    } else printEscaped(lines.join('\n'));
    await pause(between, signal);
  }
}
