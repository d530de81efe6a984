import type { KernelCommand } from '../model/command.ts';
import { CommandError } from '../model/problem.ts';
import { programEnvironment } from './run.ts';

/**
 * Runs a program for a command. Not for hooks: libvirt does not wait that long.
 *
 * @param started is called when the program runs
 * @returns what it wrote to stdout
 * @throws CommandError if it is not installed, fails, or takes longer than 30 s
 */
export async function runPatiently(
  { program, args, input = '' }: KernelCommand,
  doing: string,
  started: () => void = () => {},
): Promise<string> {
  const { execa } = await import('execa');
  const running = execa(program, args, {
    input,
    reject: false,
    // Its end tells whether a listing is whole.
    stripFinalNewline: false,
    timeout: 30_000,
    env: programEnvironment(),
    // Otherwise execa adds all of this process's own.
    extendEnv: false,
  });
  started();
  const result = await running;
  if (!result.failed) return result.stdout;
  throw new CommandError(
    {
      doing,
      command: result.command,
      outcome: outcomeOf(result),
      ...(result.code === 'ENOENT' && { notInstalled: true }),
      stderr: result.stderr,
      ...(result.exitCode !== undefined && { exitCode: result.exitCode }),
      input,
    },
    result.cause,
  );
}

function outcomeOf({
  timedOut,
  code,
}: {
  readonly timedOut: boolean;
  readonly code?: string | undefined;
}): string {
  if (timedOut) return 'did not end within 30 s';
  return code === 'ENOENT' ? 'is not installed' : 'failed';
}
