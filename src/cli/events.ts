import { Command } from 'commander';
import { exitCodes } from '../model/exit-code.ts';
import { visibleLine } from '../model/visible-text.ts';
import { type EventFile, eventFiles, type HookEvent, readHookEvents } from '../state/hook-events.ts';
import { pause } from '../system/pause.ts';
import { print, printError, printJson, table } from './output.ts';
import { requireRoot } from './require-root.ts';
import { untilSignal } from './until-signal.ts';

/** How often `--follow` looks, in milliseconds. */
const between = 300;

/** `guestgate events [GUEST]`: the last thousand calls of hooks. */
export function eventsCommand(finish: (exitCode: number) => void): Command {
  return new Command('events')
    .summary('show the last thousand hook calls')
    .description(
      'Show the last thousand calls of hooks: when, which guest or network, what happened, the outcome and how long it took. ' +
        'guestgate forgets them at reboot. To run one again: guestgate replay --event NUMBER.',
    )
    .argument('[guest]', 'only those of this guest or network')
    .option('--follow', 'show new ones as they come, until Ctrl-C')
    .option('--json', 'print as JSON; with --follow one object per line')
    .action(async (name: string | undefined, options: { follow?: boolean; json?: boolean }) => {
      requireRoot('events');
      const files = eventFiles();
      const { events, damaged } = readHookEvents(files);
      const isMeant = ({ object }: HookEvent) => name === undefined || object === name;
      const shown = events.filter(isMeant);
      for (const { path, why } of damaged) printError(`reading ${path}: ${why}`);
      if (options.json === true && options.follow === true) shown.forEach(printLine);
      else if (options.json === true) printJson({ events: shown.map(asJson) });
      else print(render(shown, true));
      if (options.follow === true)
        await follow(files, (found) => {
          const meant = found.filter(isMeant);
          if (options.json === true) meant.forEach(printLine);
          else if (meant.length > 0) print(render(meant, false));
        });
      finish(exitCodes.done);
    });
}

function asJson({ xml, ...event }: HookEvent) {
  return { ...event, xml: xml !== undefined };
}

function printLine(event: HookEvent): void {
  print(JSON.stringify(asJson(event)));
}

const head = ['EVENT', 'TIME', 'WHO', 'WHAT', 'MS', 'OUTCOME'];

/** @param headed an event that is added below others has the widths of its own */
export function render(events: readonly HookEvent[], headed: boolean): string {
  if (events.length === 0) return 'no events since boot';
  const rows = events.map((event) => [
    String(event.number).padStart(headed ? 0 : 5),
    localTime(event.at),
    `${event.hook} ${event.object}`,
    event.operation,
    String(event.milliseconds),
    `${event.level === 'error' || event.level === 'warn' ? `${event.level}: ` : ''}${event.message}`,
  ]);
  return table(headed ? [head, ...rows.map((row) => row.map(visibleLine))] : rows);
}

/** `2026-11-27 20:05:16`, as the clock on the wall says. */
export function localTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (number: number) => String(number).padStart(2, '0');
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}

async function follow(
  before: readonly EventFile[],
  show: (events: readonly HookEvent[]) => void,
): Promise<void> {
  const signal = untilSignal();
  let known = new Map(before.map(({ path, stamp }) => [path, stamp]));
  for (;;) {
    await pause(between, signal);
    if (signal.aborted) return;
    const files = eventFiles();
    const changed = files.filter(({ path, stamp }) => known.get(path) !== stamp);
    known = new Map(files.map(({ path, stamp }) => [path, stamp]));
    show(readHookEvents(changed).events);
  }
}
