import { exitCodes } from '../model/exit-code.ts';
import { CommandError, Deferred, messageOf, UserError } from '../model/problem.ts';
import { stateFiles } from '../model/state-files.ts';
import { mayBePending } from '../state/may-be-pending.ts';
import { addToTally } from '../state/tally.ts';
import type { LogEntry } from '../system/log-line.ts';
import { parseVifCall } from '../xen/vif-call.ts';
import { record } from './run-hook.ts';
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
  const number = addToTally(stateFiles.calls);
  const [operation = ''] = args;
  const end = (level: LogEntry['level'], exitCode: number, what: string, message: string, object = '-') => {
    const milliseconds = Math.round(performance.now() - began);
    record({ hook: 'vif', object, operation, level, message, exitCode, milliseconds }, number);
    return { exitCode, entry: { level, message: `${what}: ${message} (${milliseconds} ms)` } };
  };
  let subject = `vif ${args
    .slice(0, 1)
    .map((arg) => JSON.stringify(arg))
    .join()}`;
  try {
    if (mayBePending()) (await import('./roll-back-first.ts')).rollBackFirst();
    const call = parseVifCall(args, environment);
    subject = describeVif(call, undefined);
    const { guest, level, message, refuse } = await onVif(call);
    const comes = call.command === 'online' || call.command === 'add';
    const exitCode = refuse === true && comes ? exitCodes.vifRefused : exitCodes.done;
    return end(level, exitCode, describeVif(call, guest), message, guest);
  } catch (error) {
    const isExpected = error instanceof UserError || error instanceof CommandError;
    const stack = isExpected ? '' : `: a bug: ${(error as Error).stack}`;
    const level = error instanceof Deferred ? 'warn' : 'error';
    return end(level, exitCodes.done, subject, `${messageOf(error)}${stack}`);
  }
}
