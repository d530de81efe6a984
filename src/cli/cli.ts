import { Command, CommanderError } from 'commander';
import { exitCodes } from '../model/exit-code.ts';
import { visibleText } from '../model/visible-text.ts';
import { commandTable, hiddenCommands } from './command-table.ts';
import { describeExitCodes } from './exit-codes.ts';
import { describeVersion } from './version.ts';

/**
 * Runs one command of the CLI.
 *
 * @returns the exit code, as `exit-codes.ts` describes it
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = await createProgram((code) => {
    exitCode = code;
  }, namesFor(args));
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.mistake;
    throw error;
  }
  return exitCode;
}

/** The commands that are needed: help, and advice about a misspelt name, need all of them. */
function namesFor(args: readonly string[]): readonly string[] {
  const called = args.find((arg) => !arg.startsWith('-'));
  if (called === undefined && args.some((arg) => arg === '--version' || arg === '-V')) return [];
  return Object.hasOwn(commandTable, called ?? '') ? [called ?? ''] : Object.keys(commandTable);
}

/** The program with these commands, by default all; docs/reference/commands.md is made from it. */
export async function createProgram(
  finish: (exitCode: number) => void,
  names: readonly string[] = Object.keys(commandTable),
): Promise<Command> {
  const program = new Command('guestgate')
    .description(
      'docker run -p, for virtual machines: port forwards for libvirt guests that stay ahead of every other firewall.',
    )
    .version(describeVersion(), '-V, --version', 'show version, commit, runtime and back ends')
    .option('--verbose', 'show input and output of failed commands')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(visibleText(text)) })
    .configureHelp({ showGlobalOptions: true });
  for (const name of names) {
    const make = await commandTable[name]?.();
    if (make === undefined) continue;
    const hidden = hiddenCommands.includes(name);
    program.addCommand(make(finish).exitOverride().copyInheritedSettings(program), { hidden });
  }
  program.addHelpText(
    'after',
    `\n${describeExitCodes()}\n` +
      'libvirt runs it as the hooks /etc/libvirt/hooks/{qemu,lxc,libxl,network,daemon}. Configuration: /etc/guestgate/.',
  );
  return program;
}
