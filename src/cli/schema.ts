import { Command } from 'commander';
import { exitCodes } from '../model/exit-code.ts';
import { UserError } from '../model/problem.ts';
import { print, printJson } from './output.ts';

/** `guestgate schema`: what editors and other programs check texts with. */
export function schemaCommand(finish: (exitCode: number) => void): Command {
  return new Command('schema')
    .summary('print the schema of the configuration, for editors')
    .description(
      'Print the JSON Schema of the configuration, for TOML editors such as taplo and Even Better TOML. ' +
        "With --metadata: the RELAX NG schema of policies in a domain's XML. With --status: the JSON Schema of guestgate status --json.",
    )
    .option('--metadata', "of policies in a domain's XML, in RELAX NG")
    .option('--status', 'of the output of guestgate status --json')
    .action(async (options: { metadata?: boolean; status?: boolean }) => {
      if (options.metadata === true && options.status === true)
        throw new UserError('--metadata and --status cannot be used together');
      if (options.metadata === true)
        print((await import('../policy/metadata-schema.ts')).renderMetadataSchema());
      else if (options.status === true) printJson((await import('./status-schema.ts')).statusJsonSchema());
      else printJson((await import('../policy/configuration-schema.ts')).configurationSchema());
      finish(exitCodes.done);
    });
}
