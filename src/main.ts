import { basename, dirname } from 'node:path';
import { reactionTo } from '../hooks/reactions.ts';
import { type HookName, isHookName } from './model/event.ts';
import { readDocument } from './system/input.ts';
import { writeLine } from './system/log-line.ts';

void main();

/**
 * Called as a hook, or by its own name? libvirt starts `/etc/libvirt/hooks/qemu`, or a link in `qemu.d/`, with
 * four arguments; that name is all that tells.
 */
async function main(): Promise<void> {
  const { program, args } = invocation();
  const hook = hookOf(program);
  if (hook !== undefined && !asksForReplay(args)) await asHook(hook, args);
  else if (hook === undefined && args[0] === 'vif' && process.env['XENBUS_PATH'] !== undefined)
    await asVifScript(args.slice(1));
  else await asCommand(hook === undefined ? args : ['replay', ...args.slice(1)]);
}

/** The compiled program has its own name in argv0; under Node the script's is the first argument. */
function invocation(): { program: string; args: string[] } {
  const compiled = process.argv[1]?.startsWith('/$bunfs/') === true;
  const program = compiled ? process.argv0 : (process.argv[1] ?? '');
  return { program, args: process.argv.slice(2) };
}

function hookOf(program: string): HookName | undefined {
  const name = basename(program);
  if (isHookName(name)) return name;
  const folder = basename(dirname(program)).replace(/\.d$/, '');
  return isHookName(folder) && dirname(program).endsWith('.d') ? folder : undefined;
}

/** `--replay [GUEST...]`; but a guest may have that name, too, and libvirt always says `begin` or `end` of it. */
function asksForReplay(args: readonly string[]): boolean {
  const fromLibvirt = args.length === 4 && (args[2] === 'begin' || args[2] === 'end');
  return args[0] === '--replay' && !fromLibvirt;
}

async function asHook(hook: HookName, [object = '', operation = '']: readonly string[]): Promise<void> {
  const verbose = process.env['GUESTGATE_VERBOSE'] === '1';
  const reaction = reactionTo(hook, operation);
  if (reaction === 'nothing' && !verbose) process.exit(0);
  const { runHook } = await import('./hook/run-hook.ts');
  const { exitCode, entry } = await runHook({ hook, object, operation }, reaction, readDocument);
  if (verbose) {
    const { writeLog } = await import('./system/log.ts');
    await writeLog([entry], verbose);
  } else if (entry.level !== 'debug') await writeLine(entry);
  // Not exitCode alone: a read of stdin that somebody left open may still be under way.
  process.exit(exitCode);
}

/** What Xen's vif scripts run: as a hook, for a network interface. */
async function asVifScript(args: readonly string[]): Promise<void> {
  const { runVif } = await import('./hook/run-vif.ts');
  const { exitCode, entry } = await runVif(args, process.env);
  if (entry.level !== 'debug' || process.env['GUESTGATE_VERBOSE'] === '1') await writeLine(entry);
  process.exit(exitCode);
}

async function asCommand(args: readonly string[]): Promise<void> {
  const { runCommand } = await import('./cli/cli.ts');
  try {
    process.exitCode = await runCommand(args);
  } catch (error) {
    const { reportError } = await import('./cli/report-error.ts');
    process.exitCode = reportError(error, args.includes('--verbose'));
  }
}
