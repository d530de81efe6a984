import type { Address } from '../model/address.ts';
import { UserError } from '../model/problem.ts';
import { emulatedPort, type Vif } from '../model/vif.ts';
import { parseIp } from './xen-guests.ts';

/** What Xen's vif scripts are run for: of an interface's own port, or (`add`, `remove`) of that of its emulated twin. */
const commands = ['online', 'offline', 'add', 'remove'] as const;
export type VifCommand = (typeof commands)[number];

/** One call: `guestgate vif COMMAND [type_if=TYPE] [dev=PORT] [ip=LIST]`, with XENBUS_PATH in the environment. */
export interface VifCall {
  readonly command: VifCommand;
  /** The folder of the domain's interfaces in xenstore: `backend/vif/1`. */
  readonly folder: string;
  readonly domain: number;
  /** The interface's own port, also where the call is about its emulated twin. */
  readonly tap: string;
  /** What the script says that the guest may send from, where xenstore says nothing. */
  readonly ip?: Pick<Vif, 'sources' | 'strange'> & { readonly addresses: readonly Address[] };
}

/**
 * Reads a call. Nothing in it is trusted to be anything but text.
 *
 * @throws UserError if it is none
 */
export function parseVifCall(args: readonly string[], environment: NodeJS.ProcessEnv): VifCall {
  const [command = '', ...rest] = args;
  if (!isCommand(command))
    throw new UserError(
      `guestgate vif: invalid command ${JSON.stringify(command)} (expected one of ${commands.join(', ')})`,
    );
  const given = new Map(rest.map((arg) => [arg.split('=', 1)[0], arg.slice(arg.indexOf('=') + 1)] as const));
  const path = environment['XENBUS_PATH'] ?? '';
  const [, folder, domain, device] = /^((?:\/?\w+\/)*backend\/vif\/(\d{1,5}))\/(\d{1,5})$/.exec(path) ?? [];
  if (folder === undefined || domain === undefined || device === undefined)
    throw new UserError(
      `guestgate vif ${command}: invalid XENBUS_PATH ${JSON.stringify(path)}: expected one like backend/vif/1/0 (only Xen's vif scripts call this)`,
    );
  const port = given.get('dev') ?? '';
  const ip = parseIp(given.get('ip') ?? '');
  const emulated = given.get('type_if') === 'tap' && port.endsWith(emulatedPort(''));
  const own = emulated ? port.slice(0, -emulatedPort('').length) : port;
  return {
    command,
    folder,
    domain: Number(domain),
    tap: own === '' ? `vif${domain}.${device}` : own,
    ...(ip.sources !== undefined && { ip }),
  };
}

function isCommand(text: string): text is VifCommand {
  return (commands as readonly string[]).includes(text);
}
