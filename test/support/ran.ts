/* A program that was run in a sandbox: how, and what became of it. */

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** The environment that libvirt gives a hook, unless said otherwise. */
  readonly env?: Readonly<Record<string, string>>;
  /** Run in this network namespace (of `ip netns`) instead of the host's. */
  readonly in?: string;
  /** In milliseconds. */
  readonly timeout?: number;
  /** Whether another exit code than 0 is fine. */
  readonly mayFail?: boolean;
}

/** A program may end before it has read all that it is given. */
export function isUnread({
  error,
  status,
}: {
  readonly error?: Error;
  readonly status: number | null;
}): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'EPIPE' && status !== null;
}

/** What a program did, or an error that says all of it. */
export function judged(command: readonly string[], ran: Ran, { mayFail }: RunOptions): Ran {
  if (ran.status === 0 || mayFail === true) return ran;
  throw new Error(`${command.join(' ')}: exit code ${ran.status}\n${ran.stdout}${ran.stderr}`);
}
