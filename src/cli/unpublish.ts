import { Command } from 'commander';
import { UserError } from '../model/problem.ts';
import type { ForwardRequest } from '../publish/forward-request.ts';
import { runRequest } from './publication.ts';

interface Options {
  readonly all?: boolean;
  readonly metadata?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `guestgate unpublish GUEST FORWARD...`: out of the configuration, and out of the rules if the guest runs. */
export function unpublishCommand(finish: (exitCode: number) => void): Command {
  return new Command('unpublish')
    .description("remove forwards from a guest's policy, and close them at once if it runs")
    .argument('<guest>', 'name or UUID')
    .argument('[forwards...]', 'as in a file, or their host side alone: 8443, 8443/udp, 203.0.113.11:8443')
    .option('--all', 'all forwards of the guest')
    .option('--metadata', "change the guest's XML, through virsh, rather than a file")
    .option('--dry-run', 'show what would be changed, and do nothing')
    .option('--json', 'print as JSON')
    .action(async (guest: string, texts: string[], options: Options) => {
      if ((options.all === true) !== (texts.length === 0)) {
        throw new UserError('unpublish: name forwards, or give --all');
      }
      const request: ForwardRequest = { kind: 'unpublish', texts: options.all === true ? 'all' : texts };
      finish(await runRequest(guest, request, options));
    });
}
