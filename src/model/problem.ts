import { quotedText } from './quoted-text.ts';

/** A mistake in a text of the administrator's: its place, what is wrong, what to do. */
export interface Problem {
  /** File and line (`/etc/guestgate/guestgate.toml:12`), or the place in a domain's XML. */
  readonly where: string;
  /** The way to the key in a TOML file, while its line is not known yet. */
  readonly path?: readonly (string | number)[];
  readonly problem: string;
  /** The key of the list in which an entry is wrong. */
  readonly key?: string;
  readonly hint?: string;
  /** The shell command that ends it. */
  readonly fix?: string;
}

/** `where: key: problem (hint)`, on one line. */
export function formatProblem(problem: Problem): string {
  return `${problem.where}: ${withKey(problem)}${hintOf(problem)}`;
}

/** The same without place and key, for a text that is in no file. */
export function formatUnplaced(problem: Problem): string {
  return `${problem.problem}${hintOf(problem)}`;
}

/** The problem of an entry with the key of its list. */
export function withKey({ key, problem }: Problem): string {
  return key === undefined ? problem : `${key}: ${problem}`;
}

function hintOf({ hint }: Problem): string {
  return hint === undefined ? '' : ` (${hint})`;
}

/**
 * The longest document that is read, in bytes: libvirt's API carries at most 4 MiB of XML
 * (VIR_NET_MESSAGE_STRING_MAX), and what is longer than twice that is no domain.
 */
export const maximumInput = 8 * 1024 * 1024;

/** A mistake of the user's: reported without a stack, exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Another program changed a text of the configuration after it was read: nothing is written. */
export class ConfigurationChanged extends UserError {}

/** The host or another program is in the way, and no mistake of the user's: reported without a stack, too, exit code 1. */
export class Hindrance extends UserError {}

/** What was to be done waits in the queue: nothing is lost, and nothing is done yet. */
export class Deferred extends Hindrance {}

/** What a program that failed had been asked to do. */
export interface CommandFailure {
  /** What guestgate was doing, as the user would say it: `adding forwards of guest "web"`. */
  readonly doing: string;
  readonly command: string;
  /** `exited with 1`, `did not answer within 4 s and was killed`, `is not installed`. */
  readonly outcome: string;
  readonly stderr: string;
  /** Undefined if a signal ended it, or it did not start. */
  readonly exitCode?: number;
  /** It could not be started, as it is not installed. */
  readonly notInstalled?: true;
  /** The shell command that shows all of what it printed, where that could not be read. */
  readonly look?: string;
  /** What the administrator can do. */
  readonly advice?: string;
  readonly input?: string;
}

/** A program that failed, could not be started or hung: exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly failure: CommandFailure;

  constructor(failure: CommandFailure, cause?: unknown) {
    const reason = failure.stderr.trim().split('\n')[0] ?? '';
    const advice = failure.advice === undefined ? '' : ` (${failure.advice})`;
    super(
      `${failure.doing}: ${failure.command} ${failure.outcome}${reason === '' ? '' : `: ${reason}`}${advice}`,
      cause === undefined ? undefined : { cause },
    );
    this.failure = failure;
  }

  /** stderr whole, and the numbered input: for `--verbose`. */
  get details(): string {
    const { stderr, input = '' } = this.failure;
    const lines = input.split('\n').map((line, index) => `${String(index + 1).padStart(5)}  ${line}`);
    return [stderr.trimEnd(), ...lines].join('\n');
  }
}

/** The message of anything thrown, with the messages of its causes. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}

/**
 * A name as it may appear in a log line or message: quoted, at most 80 characters, and what could move a
 * terminal's cursor or turn the line's direction escaped. libvirt forbids only newlines and `/` in a domain's
 * name.
 */
export function quoted(name: string): string {
  return quotedText(name.length > 80 ? `${name.slice(0, 77)}...` : name);
}
