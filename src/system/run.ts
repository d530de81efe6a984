import type { KernelCommand } from '../model/command.ts';
import { CommandError } from '../model/problem.ts';
import { spawnSync } from './spawn-sync.ts';
import { programLimit, timeLeft } from './time-limits.ts';

/** Loaded on first use: a hook that starts `nft` alone does without it. */
const childProcess = () => process.getBuiltinModule('node:child_process');

/** Maximum output of a program in bytes, enough to list half a million forwards. A program that prints more is killed. */
const longestOutput = 1 << 28;

/** libvirt sets PATH for its hooks; the PATH of a cron job or a shell may lack the sbin folders. */
const searchPath = [process.env['PATH'] ?? '', '/usr/local/sbin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
  .filter((folder) => folder !== '')
  .join(':');

/**
 * Runs a program to its end and returns what it wrote to stdout.
 *
 * @param doing the task, for messages: `adding forwards of guest "web"`
 * @param timeout in milliseconds; by default 3 s, in vif scripts 8 s
 * @throws CommandError if the program is not installed, fails or times out
 */
export function run(command: KernelCommand, doing: string, timeout = programLimit): string {
  const outcome = attempt(command, timeLeft(timeout));
  if (outcome.failure === undefined) return outcome.stdout;
  const { args, input } = command;
  throw new CommandError(
    {
      doing,
      command: [outcome.program, ...args].join(' '),
      outcome: outcome.failure,
      stderr: outcome.stderr,
      ...(outcome.notInstalled && { notInstalled: true }),
      ...(outcome.exitCode !== undefined && { exitCode: outcome.exitCode }),
      ...(input !== undefined && { input }),
    },
    outcome.cause,
  );
}

/** Like `run`, but returns undefined if the program fails: to check whether something exists. */
export function tryRun(command: KernelCommand): string | undefined {
  const outcome = attempt(command, timeLeft(programLimit));
  return outcome.failure === undefined ? outcome.stdout : undefined;
}

/** An event of `process` with the PID of each program that ran: the kernel reports rule changes with that PID. */
export const programRan = 'guestgate:program-ran';

/**
 * The environment of programs: messages in English, and the sbin folders in PATH. Nothing else is passed on, as with
 * `sudo -E` it may be another user's: XTABLES_LIBDIR, for one, makes iptables load any library as root.
 */
export function programEnvironment(): NodeJS.ProcessEnv {
  const verbose = process.env['GUESTGATE_VERBOSE'];
  return {
    PATH: searchPath,
    LC_ALL: 'C',
    ...(verbose !== undefined && { GUESTGATE_VERBOSE: verbose }),
  };
}

interface Outcome {
  readonly program: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly failure?: string;
  readonly notInstalled?: true;
  readonly exitCode?: number;
  readonly cause?: unknown;
}

function attempt(command: KernelCommand, timeout: number): Outcome {
  for (const program of [command.program, ...(command.alternatives ?? [])]) {
    const outcome = runOnce(program, command, timeout);
    if (outcome !== 'not installed') return outcome;
  }
  return {
    program: command.program,
    stdout: '',
    stderr: '',
    failure: 'is not installed',
    notInstalled: true,
  };
}

function runOnce(
  program: string,
  { args, input }: KernelCommand,
  timeout: number,
): Outcome | 'not installed' {
  const ended = spawnSync(program, args, {
    input: input ?? '',
    timeout,
    longestOutput,
    env: programEnvironment(),
  });
  const { stdout, stderr, status, signal, error } = ended;
  (process as NodeJS.EventEmitter).emit(programRan, ended.pid);
  const base = { program, stdout, stderr };
  if (error?.code === 'ENOENT') return 'not installed';
  if (error !== undefined) return { ...base, failure: `could not be run (${error.message})`, cause: error };
  if (ended.timedOut || signal === 'SIGKILL') {
    const failure = `did not answer within ${(timeout / 1000).toFixed(1)} s and was killed`;
    return { ...base, failure };
  }
  if (status === 0) return base;
  const failure = `failed with ${signal ?? `exit code ${status}`}`;
  return { ...base, failure, ...(status !== undefined && { exitCode: status }) };
}

/**
 * Runs a program on an open file, which it gets as descriptor 3.
 *
 * @returns its exit code; undefined if it could not be run
 */
export function runOnDescriptor(
  program: string,
  args: readonly string[],
  descriptor: number,
  timeout: number,
): number | undefined {
  const { status } = childProcess().spawnSync(program, args, {
    stdio: ['ignore', 'ignore', 'ignore', descriptor],
    timeout,
    env: programEnvironment(),
  });
  return status ?? undefined;
}

/** Starts a program that outlives this process and inherits no pipe, no terminal and no working directory from it. */
export function startApart(program: string, args: readonly string[]): void {
  const options = { stdio: 'ignore', detached: true, cwd: '/', env: programEnvironment() } as const;
  const child = childProcess().spawn(program, args, options);
  child.once('error', () => {});
  child.unref();
}

/** Runs a program for at most 500 ms and ignores its outcome. It inherits no pipe. */
export function runAside(program: string, args: readonly string[], done: () => void): void {
  const child = childProcess().spawn(program, args, {
    stdio: 'ignore',
    timeout: 500,
    env: programEnvironment(),
  });
  child.once('error', () => done());
  child.once('close', () => done());
}
