/** How a program ended. */
export interface Spawned {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  /** Undefined if it was killed, or could not be started. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** Why it could not be run to its end: with the code ENOENT, it is not installed. */
  readonly error: NodeJS.ErrnoException | undefined;
}

export interface SpawnOptions {
  readonly input: string;
  /** In milliseconds; the program is then killed. */
  readonly timeout: number;
  /** Most bytes of its output; if it writes more, it is killed. */
  readonly longestOutput: number;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Runs a program to its end. The executable calls bun itself: to load `node:child_process` takes longer than most of what a
 * hook does (2 ms).
 */
export function spawnSync(program: string, args: readonly string[], options: SpawnOptions): Spawned {
  const { Bun: bun } = globalThis as { readonly Bun?: Bun };
  return bun === undefined ? byNode(program, args, options) : byBun(bun, program, args, options);
}

/** The part of bun that is used here: https://bun.com/docs/runtime/child-process#blocking-api-bun-spawnsync */
interface Bun {
  spawnSync(command: readonly string[], options: object): BunSpawned;
}

interface BunSpawned {
  readonly pid: number;
  readonly exitCode: number | null;
  readonly signalCode?: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exitedDueToTimeout?: boolean;
  readonly exitedDueToMaxBuffer?: boolean;
}

function byBun(bun: Bun, program: string, args: readonly string[], options: SpawnOptions): Spawned {
  const { input, timeout, longestOutput, env } = options;
  try {
    const ended = bun.spawnSync([program, ...args], {
      stdin: Buffer.from(input),
      stdout: 'pipe',
      stderr: 'pipe',
      timeout,
      killSignal: 'SIGKILL',
      maxBuffer: longestOutput,
      env,
    });
    const isTooLong = ended.exitedDueToMaxBuffer === true;
    return {
      pid: ended.pid,
      status: ended.exitCode ?? undefined,
      signal: ended.signalCode,
      stdout: ended.stdout.toString(),
      stderr: ended.stderr.toString(),
      timedOut: ended.exitedDueToTimeout === true,
      error: isTooLong ? new Error(`it wrote more than ${longestOutput} bytes`) : undefined,
    };
  } catch (error) {
    return notStarted(error as NodeJS.ErrnoException);
  }
}

function byNode(program: string, args: readonly string[], options: SpawnOptions): Spawned {
  const { longestOutput, ...others } = options;
  const ended = process.getBuiltinModule('node:child_process').spawnSync(program, args, {
    ...others,
    encoding: 'utf8',
    killSignal: 'SIGKILL',
    maxBuffer: longestOutput,
  });
  const error = ended.error as NodeJS.ErrnoException | undefined;
  if (error !== undefined && ended.pid === 0) return notStarted(error);
  const timedOut = error?.code === 'ETIMEDOUT';
  // EPIPE: it has ended without reading all of its input. How it ended is what counts.
  const isOver = timedOut || ended.status !== null || error?.code === 'EPIPE';
  return {
    pid: ended.pid,
    status: ended.status ?? undefined,
    signal: ended.signal ?? undefined,
    stdout: ended.stdout,
    stderr: ended.stderr,
    timedOut,
    error: isOver ? undefined : error,
  };
}

function notStarted(error: NodeJS.ErrnoException): Spawned {
  return {
    pid: undefined,
    status: undefined,
    signal: undefined,
    stdout: '',
    stderr: '',
    timedOut: false,
    error,
  };
}
