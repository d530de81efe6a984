import type { KernelCommand } from '../model/command.ts';
import { CommandError } from '../model/problem.ts';
import { wholeListing } from '../model/program-output.ts';
import type { Ask } from './ask-ip.ts';
import { runPatiently } from './run-patiently.ts';

/** Listings of programs, each made once for all that ask for it. */
export interface SharedListings {
  /** Starts a program whose listing will be asked for: it runs beside what its caller does until then. */
  readonly begin: (command: KernelCommand) => Promise<void>;
  /** What a program lists; undefined if it fails: there is no such thing. @throws CommandError if it hangs, or its listing is not whole */
  readonly list: (command: KernelCommand) => Promise<string | undefined>;
  /** The same for those that cannot wait. @param ask is called for what was not listed before */
  readonly listNow: (command: KernelCommand, ask: Ask) => string | undefined;
}

export function shareListings(): SharedListings {
  const asked = new Map<string, Promise<Listed>>();
  const done = new Map<string, string | undefined>();
  const keep = (command: KernelCommand, text: string | undefined) => {
    done.set(keyOf(command), text);
    return text;
  };
  return {
    list: (command) => {
      const key = keyOf(command);
      if (done.has(key)) return Promise.resolve(done.get(key));
      const answer = asked.get(key) ?? outcomeOf(list(command));
      asked.set(key, answer);
      return answer.then((outcome) => {
        if ('error' in outcome) throw outcome.error;
        return keep(command, outcome.text);
      });
    },
    begin: (command) =>
      new Promise((resolve) => {
        const answer = outcomeOf(list(command, resolve));
        asked.set(keyOf(command), answer);
        answer.then(() => resolve());
      }),
    listNow: (command, ask) => {
      const key = keyOf(command);
      return done.has(key) ? done.get(key) : keep(command, ask(command));
    },
  };
}

/** An error is one for those that ask for the listing, whenever they do. */
type Listed = { readonly text: string | undefined } | { readonly error: unknown };

function outcomeOf(listing: Promise<string | undefined>): Promise<Listed> {
  return listing.then(
    (text) => ({ text }),
    (error: unknown) => ({ error }),
  );
}

/** Like `tryListing()`, for a command that may take its time. A program that hangs has not said that there is nothing. */
export async function list(command: KernelCommand, started?: () => void): Promise<string | undefined> {
  let text: string;
  try {
    text = await runPatiently(command, 'listing rules', started);
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
