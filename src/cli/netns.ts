import { Argument, Command } from 'commander';
import { quoted, UserError } from '../model/problem.ts';
import { addNamespace, removeNamespace } from '../netns/namespaces.ts';
import { forget, persist, refuseWithoutSystemd } from '../netns/persist.ts';
import { isNamespaceName, type NamespaceOptions, readNamespaceRequest } from '../netns/read-request.ts';
import { isOurNamespace } from '../state/namespaces.ts';
import { runInside } from '../system/run-inside.ts';
import { listed, report } from './guest.ts';
import { printNamespaces } from './namespaces.ts';
import { print, printError } from './output.ts';
import { requireRoot } from './require-root.ts';
import { wholeNumber } from './whole-number.ts';

interface Options extends Omit<NamespaceOptions, 'address' | 'gateway' | 'dns'> {
  readonly address?: readonly string[];
  readonly gateway?: readonly string[];
  readonly dns?: readonly string[];
  readonly persist?: true;
  readonly keepUnit?: true;
  readonly json?: true;
}

type Action = 'add' | 'exec' | 'del' | 'list';

/** `guestgate netns add|exec|del|list [NAME] [COMMAND...]`: network namespaces as guests. */
export function netnsCommand(finish: (exitCode: number) => void): Command {
  return new Command('netns')
    .summary('make a network namespace that is a guest, and run programs in it')
    .description(
      'Make a network namespace with a link, addresses, a default route and name servers, and apply the policy [guest.NAME] to it: ' +
        '"netns add". Run a program in it: "netns exec NAME -- PROGRAM". "netns del" removes it and everything that belongs to it, ' +
        'also if it was made halfway. "netns list" lists those that guestgate made. Without --bridge and --uplink, the namespace has ' +
        'a link of its own with this host as its router; its own connections leave with the address of the host. Added again with the ' +
        'same options, it stays as it is.',
    )
    .addArgument(new Argument('<action>', 'what to do').choices(['add', 'exec', 'del', 'list']))
    .argument('[name]', 'the name of the namespace, and of the guest, as in [guest.NAME]')
    .argument('[command...]', 'for exec: the program, and its arguments')
    .option(
      '--address <address>',
      "an address with its network's length: 10.200.1.2/24, fd00:200::2/64; commas separate several, and the option may be repeated",
      listed,
    )
    .option('--bridge <bridge>', 'connect it to this bridge')
    .option(
      '--uplink <interface>',
      "connect it to this interface's network, past the host: with --vlan or --macvlan",
    )
    .option('--vlan <number>', 'in this VLAN of the uplink', wholeNumber)
    .option(
      '--macvlan',
      'beside the host on the uplink, with a MAC address of its own (the default of --uplink)',
    )
    .option(
      '--gateway <address>',
      'its router, one of each family; by default the host, or the router of the host',
      listed,
    )
    .option('--dns <address>', 'its name servers; by default those of the host', listed)
    .option(
      '--mac <address>',
      'its MAC address; by default one that is derived from its name and /etc/machine-id',
    )
    .option('--nat', 'let its own connections leave with the address of the host, and admit them')
    .option('--no-nat', 'do not: with a link of its own, it is the default')
    .option('--persist', 'for add: make it at each boot, by a unit of systemd')
    .option('--keep-unit', 'for del: leave that unit, which makes it again')
    .option('--json', 'print as JSON')
    .action(async (action: Action, name: string | undefined, command: string[], options: Options) => {
      requireRoot('netns');
      if (action === 'list') return finish(printNamespaces(options.json === true));
      if (name === undefined) throw new UserError(`netns ${action} needs the name of the namespace`);
      if (action === 'exec') return finish(await exec(name, command));
      if (command.length > 0)
        throw new UserError(`netns ${action} takes no command: ${quoted(command[0] ?? '')}`);
      finish(await (action === 'add' ? add : del)(name, options));
    });
}

async function add(name: string, options: Options): Promise<number> {
  const { address = [], gateway = [], dns = [], ...rest } = options;
  const request = readNamespaceRequest(name, { ...rest, address, gateway, dns });
  if (options.persist === true) refuseWithoutSystemd(name);
  const { outcome, notes } = await addNamespace(request);
  const isMade = outcome.refuse !== true;
  const persisted = isMade && options.persist === true ? [persist(request)] : [];
  return conclude(name, 'add', outcome, [...notes, ...persisted], options.json === true);
}

async function del(name: string, options: Options): Promise<number> {
  if (!isNamespaceName(name)) throw new UserError(`namespace ${quoted(name)}: invalid name`);
  const removed = options.keepUnit === true ? [] : forget(name);
  const { outcome, notes } = await removeNamespace(name);
  return conclude(name, 'del', outcome, [...removed, ...notes], options.json === true);
}

async function conclude(
  name: string,
  action: Action,
  outcome: Parameters<typeof report>[2],
  notes: readonly string[],
  json: boolean,
): Promise<number> {
  const subject = `namespace ${quoted(name)}`;
  for (const note of notes) (json ? printError : print)(`${subject}: ${note}`);
  return report(subject, `netns ${action}`, outcome, json);
}

async function exec(name: string, command: readonly string[]): Promise<number> {
  if (command.length === 0)
    throw new UserError('netns exec needs a program: guestgate netns exec NAME -- PROGRAM');
  if (!isNamespaceName(name) || !isOurNamespace(name))
    throw new UserError(
      `there is no namespace ${quoted(name)} of guestgate (to list them: guestgate netns list)`,
    );
  return runInside('ip', ['netns', 'exec', name, ...command]);
}
