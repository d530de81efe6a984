import { exitCodes } from '../model/exit-code.ts';

/** What an exit code of a command means. docs/reference/exit-codes.md and the manual are made from this. */
export interface ExitMeaning {
  readonly code: number;
  /** For the help: a few words. */
  readonly short: string;
  /** For all commands but those that are named in `of`. */
  readonly meaning: string;
  /** By the names of commands. */
  readonly of: Readonly<Record<string, string>>;
}

const refused = 'refused: nothing is changed';
const partly = 'the file is written, but a rule is missing';
const nothingToDo = 'done, or nothing to do';

export const exitMeanings: readonly ExitMeaning[] = [
  {
    code: exitCodes.done,
    short: 'done or agrees',
    meaning: 'done',
    of: {
      check: 'all agrees',
      doctor: 'nothing found',
      explain: 'the packet gets there',
      publish: nothingToDo,
      unpublish: nothingToDo,
      import: nothingToDo,
    },
  },
  {
    code: exitCodes.failed,
    short: 'differs or partly failed',
    meaning: 'a program failed, or guestgate could not do something for a guest',
    of: {
      check: 'something differs',
      doctor: 'something found',
      explain: 'the packet does not get there, or the answer is uncertain',
      confirm: 'too late: the change is rolled back',
      publish: partly,
      unpublish: partly,
      import: partly,
    },
  },
  {
    code: exitCodes.mistake,
    short: 'wrong usage or configuration',
    meaning: 'wrong usage, or not root',
    of: {
      check: 'the configuration is wrong',
      confirm: 'no change waits, or not root',
      publish: refused,
      unpublish: refused,
      import: refused,
    },
  },
  {
    code: exitCodes.bug,
    short: 'a bug',
    meaning: 'a bug; guestgate prints the stack',
    of: {},
  },
];

/** For `guestgate --help`. */
export function describeExitCodes(): string {
  return `Exit codes: ${exitMeanings.map(({ code, short }) => `${code} ${short}`).join(', ')}.`;
}
