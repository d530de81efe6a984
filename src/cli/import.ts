import { Command } from 'commander';
import { type Import, type ImportSource, importFiles, planImport } from '../import/import-hooks.ts';
import { UserError } from '../model/problem.ts';
import { visibleLine } from '../model/visible-text.ts';
import { readText } from '../system/files.ts';
import { readStandardInput } from '../system/standard-input.ts';
import { print, printError, printJson } from './output.ts';

interface Options {
  readonly iptablesSave?: string;
  readonly output?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `guestgate import FILE`: translates the configuration of another program. */
export function importCommand(finish: (exitCode: number) => void): Command {
  return new Command('import')
    .summary('translate rules or a configuration of other programs into guest files')
    .description(
      'Translate the hooks.json of libvirt-hook-qemu, or the qemu.json of its earlier versions, into one file per guest. ' +
        'With --iptables-save, translate the DNAT and SNAT rules that iptables-save or ip6tables-save printed; guestgate finds ' +
        'the guests by their addresses. ' +
        'import warns about everything that it cannot translate. ' +
        'If the input has a mistake, or a file or policy for a guest exists, it writes nothing. ' +
        'import does not change rules: run guestgate apply afterwards.',
    )
    .argument('[file]', 'hooks.json or qemu.json; - reads standard input')
    .option('--iptables-save <file>', 'the output of iptables-save; - reads standard input')
    .option('--output <folder>', 'write the files to this folder; default: /etc/guestgate/guests.d')
    .option('--dry-run', 'print the files, and write nothing')
    .option('--json', 'print as JSON')
    .action(async (hooks: string | undefined, options: Options) => {
      const run = options.dryRun === true ? planImport : importFiles;
      const plan = await run(sourceOf(hooks, options.iptablesSave), options.output);
      const { files, problems, warnings } = plan;
      const refused = problems.length > 0;
      const writes = !refused && options.dryRun !== true;
      if (options.json !== true)
        for (const warning of warnings) printError(`warning: ${visibleLine(warning)}`);
      if (options.json !== true) for (const problem of problems) printError(visibleLine(problem));
      if (options.json === true) printJson({ files, problems, warnings, written: writes });
      else if (!refused) report(plan, writes);
      finish(refused ? 2 : 0);
    });
}

function sourceOf(hooks: string | undefined, saved: string | undefined): ImportSource {
  const file = hooks ?? saved;
  if (file === undefined || (hooks !== undefined && saved !== undefined))
    throw new UserError(
      'import takes one file: hooks.json, or --iptables-save with the output of iptables-save',
    );
  const kind = saved === undefined ? 'hooks' : 'iptables-save';
  return { kind, text: readSource(file), name: file === '-' ? 'standard input' : file };
}

function readSource(file: string): string {
  const text = file === '-' ? readStandardInput() : readText(file);
  if (text === undefined) throw new UserError(`reading ${file}: no such file`);
  return text;
}

function report({ files }: Import, written: boolean): void {
  if (files.length === 0) print('nothing to import');
  else if (!written) print(files.map(({ text }) => text).join('\n'));
  else {
    for (const { path } of files) print(`written ${path}`);
    print('note: remove the old hook or script, and its rules; then run: guestgate apply');
  }
}
