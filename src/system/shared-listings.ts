import type { KernelCommand } from '../model/command.ts';
import { CommandError } from '../model/problem.ts';
import { wholeListing } from '../model/program-output.ts';
import { runPatiently } from './run-patiently.ts';

/** Listings of programs, each made once for all that ask for it. */
export interface SharedListings {
  /** What a program lists; undefined if it fails: there is no such thing. @throws CommandError if it hangs, or its listing is not whole */
  readonly list: (command: KernelCommand) => Promise<string | undefined>;
  /** A listing that was made before; `none`: it was not asked for. */
  readonly known: (command: KernelCommand) => string | undefined | 'none';
}

export function shareListings(): SharedListings {
  const asked = new Map<string, Promise<string | undefined>>();
  const done = new Map<string, string | undefined>();
  return {
    list: (command) => {
      const key = keyOf(command);
      const answer = asked.get(key) ?? list(command);
      asked.set(key, answer);
      return answer.then((text) => {
        done.set(key, text);
        return text;
      });
    },
    known: (command) => (done.has(keyOf(command)) ? done.get(keyOf(command)) : 'none'),
  };
}

/** Like `tryListing()`, for a command that may take its time. A program that hangs has not said that there is nothing. */
export async function list(command: KernelCommand): Promise<string | undefined> {
  let text: string;
  try {
    text = await runPatiently(command, 'listing rules');
  } catch (error) {
    const isAnswer = error instanceof CommandError && error.failure.exitCode !== undefined;
    if (isAnswer || (error instanceof CommandError && error.failure.notInstalled)) return undefined;
    throw error;
  }
  return wholeListing(text, command);
}

function keyOf({ program, args }: KernelCommand): string {
  return [program, ...args].join(' ');
}
