import { Command, InvalidArgumentError } from 'commander';
import type { ForwardRequest } from '../publish/forward-request.ts';
import type { ForwardTerms } from '../publish/new-forwards.ts';
import { runRequest } from './publication.ts';

interface Options extends ForwardTerms {
  readonly metadata?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `guestgate publish GUEST FORWARD...`: into the configuration, and into the rules if the guest runs. */
export function publishCommand(finish: (exitCode: number) => void): Command {
  return new Command('publish')
    .description("add forwards to a guest's policy, and open them at once if it runs")
    .argument('<guest>', 'name or UUID')
    .argument('<forwards...>', 'as in a file: 80, 8443:443/tcp, 203.0.113.11:8443:443, 60000-60010/udp')
    .option(
      '--from <network>',
      'only for these networks or addresses; may be given again',
      (text: string, before: readonly string[] = []) => [...before, ...text.split(',')],
    )
    .option('--rate <rate>', 'how many new connections, from all together: 10/second')
    .option('--connections <number>', 'how many connections one address may have at a time', wholeNumber)
    .option('--loopback', "at the host's 127.0.0.1 too")
    .option('--network <name>', "to the guest's card on this network")
    .option('--mac <address>', 'to the card with this MAC address')
    .option('--nic <number>', 'to the card of this number: the first <interface> is 1', wholeNumber)
    .option('--metadata', "change the guest's XML, through virsh, rather than a file")
    .option('--dry-run', 'show what would be changed, and do nothing')
    .option('--json', 'print as JSON')
    .action(async (guest: string, texts: string[], options: Options) => {
      const { metadata: _, dryRun: __, json: ___, ...terms } = options;
      const request: ForwardRequest = { kind: 'publish', texts, terms };
      finish(await runRequest(guest, request, options));
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number is wanted.');
  return Number(text);
}
