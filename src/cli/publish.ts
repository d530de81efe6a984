import { Command } from 'commander';
import type { ForwardRequest } from '../app/forward-request.ts';
import { runRequest } from './publication.ts';

interface Options {
  readonly from?: readonly string[];
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
    .option('--metadata', "change the guest's XML, through virsh, rather than a file")
    .option('--dry-run', 'show what would be changed, and do nothing')
    .option('--json', 'print as JSON')
    .action(async (guest: string, texts: string[], options: Options) => {
      const request: ForwardRequest = { kind: 'publish', texts, from: options.from };
      finish(await runRequest(guest, request, options));
    });
}
