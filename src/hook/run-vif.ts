import { exitCodes } from '../model/exit-code.ts';
import { CommandError, Deferred, messageOf, UserError } from '../model/problem.ts';
import type { LogEntry } from '../system/log-line.ts';
import { parseVifCall } from '../xen/vif-call.ts';
import { describeVif, onVif } from './vif-event.ts';

/**
 * Handles one call of a vif script, from its arguments to exit code and log line. The exit code is `vifRefused` if the
 * policy of a new interface's guest cannot be applied and has `on_error = "deny"`, otherwise 0.
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
  let subject = `vif ${args
    .slice(0, 1)
    .map((arg) => JSON.stringify(arg))
    .join()}`;
  try {
    const call = parseVifCall(args, environment);
    subject = describeVif(call, undefined);
    const { guest, level, message, refuse } = await onVif(call);
    const comes = call.command === 'online' || call.command === 'add';
    const exitCode = refuse === true && comes ? exitCodes.vifRefused : exitCodes.done;
    return { exitCode, entry: end(level, `${describeVif(call, guest)}: ${message}`) };
  } catch (error) {
    const isExpected = error instanceof UserError || error instanceof CommandError;
    const stack = isExpected ? '' : `: a bug: ${(error as Error).stack}`;
    const level = error instanceof Deferred ? 'warn' : 'error';
    return { exitCode: exitCodes.done, entry: end(level, `${subject}: ${messageOf(error)}${stack}`) };
  }
}
