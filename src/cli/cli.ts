import { Command, CommanderError } from 'commander';
import { exitCodes } from '../model/exit-code.ts';
import { visibleText } from '../model/visible-text.ts';
import { applyCommand } from './apply.ts';
import { checkCommand } from './check.ts';
import { doctorCommand } from './doctor.ts';
import { eventsCommand } from './events.ts';
import { describeExitCodes } from './exit-codes.ts';
import { explainCommand } from './explain.ts';
import { followLeasesCommand } from './follow-leases.ts';
import { importCommand } from './import.ts';
import { installCommand } from './install.ts';
import { mapCommand } from './map.ts';
import { metricsCommand } from './metrics.ts';
import { planCommand } from './plan.ts';
import { publishCommand } from './publish.ts';
import { replayCommand } from './replay.ts';
import { retryCommand } from './retry.ts';
import { schemaCommand } from './schema.ts';
import { statusCommand } from './status.ts';
import { uninstallCommand } from './uninstall.ts';
import { unpublishCommand } from './unpublish.ts';
import { version } from './version.ts';
import { watchCommand } from './watch.ts';

/**
 * Runs one command of the CLI.
 *
 * @returns the exit code, as `exit-codes.ts` describes it
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.mistake;
    throw error;
  }
  return exitCode;
}

/** The table of all commands; docs/reference/commands.md is made from it. */
export function createProgram(finish: (exitCode: number) => void): Command {
  const program = new Command('guestgate')
    .description(
      'docker run -p, for virtual machines: port forwards for libvirt guests that stay ahead of every other firewall.',
    )
    .version(version)
    .option('--verbose', 'show input and output of failed commands')
    .exitOverride()
    .configureOutput({ writeErr: (text) => process.stderr.write(visibleText(text)) })
    .configureHelp({ showGlobalOptions: true });
  for (const add of [
    planCommand,
    applyCommand,
    publishCommand,
    unpublishCommand,
    replayCommand,
    statusCommand,
    eventsCommand,
    mapCommand,
    checkCommand,
    doctorCommand,
    explainCommand,
    watchCommand,
    metricsCommand,
    importCommand,
    schemaCommand,
    installCommand,
    uninstallCommand,
  ]) {
    program.addCommand(add(finish).exitOverride().copyInheritedSettings(program));
  }
  for (const add of [followLeasesCommand, retryCommand]) {
    program.addCommand(add(finish).exitOverride().copyInheritedSettings(program), { hidden: true });
  }
  program.addHelpText(
    'after',
    `\n${describeExitCodes()}\n` +
      'libvirt runs it as the hooks /etc/libvirt/hooks/{qemu,lxc,libxl,network,daemon}. Configuration: /etc/guestgate/.',
  );
  return program;
}
