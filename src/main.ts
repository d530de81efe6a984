import { reactionTo } from '../hooks/reactions.ts';
import type { HookName } from './model/event.ts';
import { readDocument } from './system/input.ts';
import { invocation } from './system/invocation.ts';
import { writeLine } from './system/log-line.ts';

void main();

async function main(): Promise<void> {
  switch (invocation.kind) {
    case 'hook':
      return asHook(invocation.hook, invocation.args);
    case 'vif':
      return asVifScript(invocation.args);
    case 'command':
      return asCommand(invocation.args);
  }
}

async function asHook(hook: HookName, [object = '', operation = '']: readonly string[]): Promise<void> {
  const verbose = process.env['GUESTGATE_VERBOSE'] === '1';
  const reaction = reactionTo(hook, operation);
  if (reaction === 'nothing' && !verbose) process.exit(0);
  const { runHook } = await import('./hook/run-hook.ts');
  const { exitCode, entry } = await runHook({ hook, object, operation }, reaction, readDocument);
  if (verbose) {
    const { writeLog } = await import('./system/winston-log.ts');
    await writeLog([entry], verbose);
  } else if (entry.level !== 'debug') await writeLine(entry);
  // Not exitCode alone: a pending read of stdin would keep the process alive.
  process.exit(exitCode);
}

/** Called by Xen's vif scripts: like a hook, for one interface. */
async function asVifScript(args: readonly string[]): Promise<void> {
  const { runVif } = await import('./hook/run-vif.ts');
  const { exitCode, entry } = await runVif(args, process.env);
  if (entry.level !== 'debug' || process.env['GUESTGATE_VERBOSE'] === '1') await writeLine(entry);
  process.exit(exitCode);
}

async function asCommand(args: readonly string[]): Promise<void> {
  const { runCommand } = await import('./cli/cli.ts');
  const { endOnClosedPipe, isClosedPipe } = await import('./cli/closed-pipe.ts');
  endOnClosedPipe();
  try {
    process.exitCode = await runCommand(args);
  } catch (error) {
    if (isClosedPipe(error)) return;
    const { reportError } = await import('./cli/report-error.ts');
    process.exitCode = reportError(error, args.includes('--verbose'));
  }
}
