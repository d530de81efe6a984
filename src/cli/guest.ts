import { Argument, Command } from 'commander';
import { type Declaration, declareGuest } from '../hook/declare-guest.ts';
import { localDown, localUp } from '../hook/local-event.ts';
import { exitCodes } from '../model/exit-code.ts';
import type { Outcome } from '../model/outcome.ts';
import { quoted, UserError } from '../model/problem.ts';
import { readLocalGuest } from '../state/local-guests.ts';
import { interfaceKind } from '../system/host.ts';
import { writeLog } from '../system/winston-log.ts';
import { processStart } from '../system/witness.ts';
import { printLocalGuests } from './local-guests.ts';
import { print, printError, printJson } from './output.ts';
import { requireRoot } from './require-root.ts';
import { wholeNumber } from './whole-number.ts';

interface Options {
  readonly address?: readonly string[];
  readonly interface?: string;
  readonly mac?: string;
  readonly pid?: number;
  readonly nat?: true;
  readonly json?: true;
}

/** `guestgate guest up|down|list [NAME]`: guests that no hypervisor reports. */
export function guestCommand(finish: (exitCode: number) => void): Command {
  return new Command('guest')
    .summary('report a guest that neither libvirt nor Xen runs, as up or down')
    .description(
      'Report a guest that neither libvirt nor Xen runs: a container of systemd-nspawn or Podman, a microVM of Firecracker or Cloud ' +
        'Hypervisor, anything with an address. "guest up" applies the policy [guest.NAME], "guest down" removes its rules, "guest list" ' +
        'lists such guests. Between up and down, every command treats it like a guest of libvirt; its driver is local (local:web). ' +
        'Reported again, the last report counts. It stops counting as running when its interface or its process is gone, and at reboot.',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(['up', 'down', 'list']))
    .argument('[name]', 'the name of the guest, as in [guest.NAME]')
    .option(
      '--address <address>',
      'an address of the guest, of IPv4 or IPv6; commas separate several, and the option may be repeated',
      listed,
    )
    .option(
      '--interface <interface>',
      "the guest's own interface on the host (tap0), or the bridge that it is on",
    )
    .option(
      '--mac <address>',
      'the MAC address of the guest: without --address, for its DHCP lease on the bridge',
    )
    .option('--pid <number>', 'the process that the guest runs as', wholeNumber)
    .option('--nat', 'let its own connections leave with the address of the host, and admit them')
    .option('--json', 'print as JSON')
    .action(async (action: 'up' | 'down' | 'list', name: string | undefined, options: Options) => {
      requireRoot('guest');
      if (action === 'list') return finish(printLocalGuests(options.json === true));
      if (name === undefined) throw new UserError(`guest ${action} needs the name of the guest`);
      refuseOtherKind(name);
      const outcome =
        action === 'up'
          ? await localUp(declareGuest(name, declarationOf(options), { interfaceKind, processStart }))
          : await localDown(name);
      finish(await report(`guest ${quoted(name)}`, `guest ${action}`, outcome, options.json === true));
    });
}

export function listed(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((one) => one.trim())];
}

function declarationOf({ address = [], interface: port, mac, pid, nat }: Options): Declaration {
  return {
    addresses: address,
    ...(port !== undefined && { interface: port }),
    ...(mac !== undefined && { mac }),
    ...(pid !== undefined && { pid }),
    ...(nat === true && { nat }),
  };
}

/** A namespace has its own commands: they also make it, and remove it. */
function refuseOtherKind(name: string): void {
  if (readLocalGuest(name)?.kind === 'netns')
    throw new UserError(`guest ${quoted(name)} is a network namespace of guestgate (use: guestgate netns)`);
}

/**
 * Prints and logs what became of a local guest.
 *
 * @returns the exit code
 */
export async function report(
  subject: string,
  doing: string,
  outcome: Outcome,
  json: boolean,
): Promise<number> {
  const { level, message } = outcome;
  const failed = level === 'error' || outcome.refuse === true;
  const text = `${subject}: ${outcome.refuse === true ? `refused: ${message}` : message}`;
  if (json) printJson({ level, message, refused: outcome.refuse === true });
  else if (failed || level === 'warn') printError(text);
  else print(text);
  await writeLog([{ level, message: `${doing}: ${text}` }], false, 'system');
  return failed ? exitCodes.failed : exitCodes.done;
}
