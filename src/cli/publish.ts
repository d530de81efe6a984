import { Command } from 'commander';
import type { ForwardRequest } from '../publish/forward-request.ts';
import type { ForwardTerms } from '../publish/new-forwards.ts';
import { confirmOption } from './confirm-time.ts';
import { runRequest } from './publication.ts';
import { wholeNumber } from './whole-number.ts';

interface Options extends ForwardTerms {
  readonly metadata?: boolean;
  readonly temporary?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly confirm?: number;
}

/** `guestgate publish GUEST FORWARD...`: adds forwards to the configuration, and to the rules if the guest runs. */
export function publishCommand(finish: (exitCode: number) => void): Command {
  return new Command('publish')
    .summary("add forwards to a guest's policy, and apply them if it runs")
    .description(
      "Add forwards to the guest's policy, show the change as a diff, and apply it if the guest runs. " +
        'guestgate edits the file that holds the policy and keeps its comments, order and formatting. ' +
        'A guest without a policy gets a file in /etc/guestgate/guests.d. ' +
        'A forward without a port of the host, :80, gets the lowest free one from 20000 to 32767, and publish prints it. ' +
        'guestgate refuses a forward that contradicts another forward of this guest, or a forward that a file gives to ' +
        'another guest, and a guest whose policy has a mistake. It then changes nothing.',
    )
    .argument('<guest>', 'name, UUID, or driver and name (lxc:web)')
    .argument(
      '<forwards...>',
      'as in a file: 80, 8443:443/tcp, 203.0.113.11:8443:443, 60000-60010/udp; or :80 for a free port of the host',
    )
    .option(
      '--from <network>',
      'allow only these networks or addresses; commas separate several, and the option may be repeated',
      (text: string, before: readonly string[] = []) => [...before, ...text.split(',')],
    )
    .option(
      '--rate <rate>',
      'limit new connections from all sources together: 10/second, 100/minute, 1000/hour',
    )
    .option('--connections <number>', 'limit the concurrent connections of one source address', wholeNumber)
    .option('--loopback', "forward from the host's 127.0.0.1, too")
    .option('--masquerade', "show the guest the host's address: for a guest without a route back to clients")
    .option('--uplink <interface>', 'forward at the addresses of this interface of the host only')
    .option('--network <name>', "forward to the guest's interface on this libvirt network")
    .option('--mac <address>', 'forward to the interface with this MAC address')
    .option(
      '--nic <number>',
      'forward to the interface with this number; the first <interface> is 1',
      wholeNumber,
    )
    .option('--metadata', "change the guest's XML with virsh metadata, instead of a file")
    .option('--temporary', "until the guest stops: change only the running guest's XML")
    .option('--dry-run', 'show the change, and apply nothing')
    .addOption(confirmOption())
    .option('--json', 'print as JSON')
    .action(async (guest: string, texts: string[], options: Options) => {
      const { metadata, dryRun: _, json: __, confirm: ___, temporary, ...terms } = options;
      const request: ForwardRequest = {
        kind: 'publish',
        texts,
        terms,
        ...(temporary === true && { temporary }),
      };
      finish(
        await runRequest(guest, request, { ...options, metadata: metadata === true || temporary === true }),
      );
    });
}
