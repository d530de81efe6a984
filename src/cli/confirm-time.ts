import { InvalidArgumentError, Option } from 'commander';
import { counted } from '../model/counted.ts';
import { visibleLine } from '../model/visible-text.ts';
import type { PendingChange } from '../state/pending-change.ts';
import { print } from './output.ts';

/** How long a change may wait, in seconds. */
const longest = 3600;

/** `--confirm TIME` of the commands that change the configuration or apply it. */
export function confirmOption(): Option {
  return new Option(
    '--confirm <time>',
    'roll the change back after this time (60s, 5min) unless guestgate confirm comes first',
  ).argParser(confirmSeconds);
}

/** A time in seconds, for commander: `60`, `60s`, `5m` or `5min`. @throws InvalidArgumentError if it is none */
export function confirmSeconds(text: string): number {
  const [, number, unit] = /^(\d{1,4})(s|m|min)?$/.exec(text) ?? [];
  const seconds = Number(number) * (unit === undefined || unit === 's' ? 1 : 60);
  if (!(seconds >= 1 && seconds <= longest))
    throw new InvalidArgumentError('must be a time from 1s to 60min, such as 60s.');
  return seconds;
}

/** Says what the administrator has to do now. */
export function printPending({ seconds, until }: PendingChange): void {
  print(
    `Waiting ${counted(seconds, 'second')} for: guestgate confirm. Without it, guestgate rolls the change back at ${visibleLine(until)}`,
  );
}
