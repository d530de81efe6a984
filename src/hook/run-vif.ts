import { CommandError, Deferred, messageOf, UserError } from '../model/problem.ts';
import type { LogEntry } from '../system/log-line.ts';
import { parseVifCall } from '../xen/vif-call.ts';
import { describeVif, onVif } from './vif-event.ts';

/** What a vif script fails with, and its guest with it: EX_NOPERM of sysexits.h. No failure of ours ends with that. */
export const refused = 77;

/**
 * One call from a vif script, from its arguments to exit code and log line. The exit code is 0, or `refused` where a
 * interface that comes cannot have what its guest's policy wants, and that policy says `on_error = "deny"`.
 */
export async function runVif(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ exitCode: number; entry: LogEntry }> {
  const began = performance.now();
  const end = (level: LogEntry['level'], message: string) => ({
    level,
    message: `${message} (${Math.round(performance.now() - began)} ms)`,
  });
  let what = `vif ${args
    .slice(0, 1)
    .map((arg) => JSON.stringify(arg))
    .join()}`;
  try {
    const call = parseVifCall(args, environment);
    what = describeVif(call, undefined);
    const { guest, level, message, refuse } = await onVif(call);
    const exitCode = refuse === true && call.command === 'online' ? refused : 0;
    return { exitCode, entry: end(level, `${describeVif(call, guest)}: ${message}`) };
  } catch (error) {
    const known = error instanceof UserError || error instanceof CommandError;
    const stack = known ? '' : `: a bug: ${(error as Error).stack}`;
    const level = error instanceof Deferred ? 'warn' : 'error';
    return { exitCode: 0, entry: end(level, `${what}: ${messageOf(error)}${stack}`) };
  }
}
