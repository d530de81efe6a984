import { Command } from 'commander';
import { UserError } from '../model/problem.ts';
import type { ForwardRequest } from '../publish/forward-request.ts';
import { confirmOption } from './confirm-time.ts';
import { runRequest } from './publication.ts';

interface Options {
  readonly all?: boolean;
  readonly metadata?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly confirm?: number;
}

/** `guestgate unpublish GUEST FORWARD...`: removes forwards from the configuration, and from the rules if the guest runs. */
export function unpublishCommand(finish: (exitCode: number) => void): Command {
  return new Command('unpublish')
    .summary("remove forwards from a guest's policy, and close them if it runs")
    .description(
      "Remove forwards from the guest's policy, show the change as a diff, and close them if the guest runs. " +
        'guestgate ends the connections of the removed forwards. ' +
        'It refuses a forward that the policy does not contain, and then changes nothing.',
    )
    .argument('<guest>', 'name, UUID, or driver and name (lxc:web)')
    .argument('[forwards...]', 'as in a file, or only the host side: 8443, 8443/udp, 203.0.113.11:8443')
    .option('--all', 'remove all forwards of the guest')
    .option('--metadata', "change the guest's XML with virsh metadata, instead of a file")
    .option('--dry-run', 'show the change, and apply nothing')
    .addOption(confirmOption())
    .option('--json', 'print as JSON')
    .action(async (guest: string, texts: string[], options: Options) => {
      if ((options.all === true) !== (texts.length === 0)) {
        throw new UserError('unpublish: name forwards, or give --all');
      }
      const request: ForwardRequest = { kind: 'unpublish', texts: options.all === true ? 'all' : texts };
      finish(await runRequest(guest, request, options));
    });
}
