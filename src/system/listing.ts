import type { KernelCommand } from '../model/command.ts';
import { wholeListing } from '../model/program-output.ts';
import { tryRun } from './run.ts';

/**
 * What a program lists; undefined if it fails: there is no such thing.
 *
 * @throws CommandError if it says that all went well and its listing is not whole
 */
export function tryListing(command: KernelCommand): string | undefined {
  const text = tryRun(command);
  return text === undefined ? undefined : wholeListing(text, command);
}
