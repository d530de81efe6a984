import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { UserError } from '../model/problem.ts';

/** Signals that are meant for the program, not for guestgate, which waits for it. */
const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Runs a program with this process's own environment, terminal and files, and waits for its end. Signals are passed on to it.
 *
 * @returns its exit code; 128 and the number of the signal that ended it, as a shell has it
 * @throws UserError if it cannot be started
 */
export async function runInside(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit' });
  const handlers = passedOn.map((signal) => {
    const handler = () => void child.kill(signal);
    process.on(signal, handler);
    return { signal, handler };
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new UserError(`running ${program}: is it installed?`, { cause: error })),
      );
      child.once('exit', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  }
}
