import type { KernelCommand } from '../model/command.ts';
import { readProgramJson } from '../model/program-output.ts';
import { tryListing } from './listing.ts';

/** Runs a program and returns what it printed; undefined if it failed. */
export type Ask = (command: KernelCommand) => string | undefined;

/** `ip -j`; nothing where it fails: there is no such route. @throws CommandError if what it prints is not whole */
export function askIp<T>(words: readonly string[], ask: Ask = tryListing): readonly T[] {
  return tryIp<T>(words, ask) ?? [];
}

/** The same; undefined where ip(8) is missing or fails. */
export function tryIp<T>(words: readonly string[], ask: Ask = tryListing): readonly T[] | undefined {
  const command = { program: 'ip', args: ['-j', ...words] };
  const text = ask(command);
  if (text === undefined) return undefined;
  return readProgramJson(text, command, (value) => {
    if (!Array.isArray(value)) throw new TypeError('no array');
    return value as T[];
  });
}

/** The option of ip(8) for a family. */
export function versionOf(family: 'ip' | 'ip6'): '-4' | '-6' {
  return family === 'ip' ? '-4' : '-6';
}
