import { Command } from 'commander';
import { applyDeltas, type Delta, findDeltas } from '../apply/apply.ts';
import { counted } from '../model/counted.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeFinding, describeWithin } from '../model/finding.ts';
import { quoted } from '../model/problem.ts';
import { applyNetworks } from '../reconcile/apply-networks.ts';
import type { NetworkDelta } from '../reconcile/network-deltas.ts';
import { absence } from '../state/absence.ts';
import { writeLog } from '../system/winston-log.ts';
import { warn } from './findings.ts';
import { describeElement, print, printJson } from './output.ts';

/** `guestgate apply [GUEST...] [--dry-run] [--keep-connections]`. */
export function applyCommand(finish: (exitCode: number) => void): Command {
  return new Command('apply')
    .summary('apply configuration changes to running guests, and show them')
    .description(
      'Show what the configuration changes for running guests and networks, and apply only that, in one transaction. ' +
        'Forwards that stay keep their connections and counters. ' +
        'guestgate ends the connections of forwards that it removes, and those of sources that are no longer allowed.',
    )
    .argument('[guests...]', 'only these guests, by name, UUID, or driver and name (lxc:web)')
    .option('--dry-run', 'show the changes, and apply nothing')
    .option('--keep-connections', 'let existing connections of removed forwards and sources continue')
    .option('--json', 'print as JSON')
    .action(async (names: string[], options: ApplyOptions) => {
      const problems = await applyTo(names, options);
      finish(problems > 0 ? exitCodes.failed : exitCodes.done);
    });
}

interface ApplyOptions {
  readonly dryRun?: boolean;
  readonly keepConnections?: boolean;
  readonly json?: boolean;
}

/** @returns how many problems there were */
export async function applyTo(names: readonly string[], options: ApplyOptions): Promise<number> {
  const dry = options.dryRun === true;
  const deltas = await findDeltas(names, { only: dry ? 'look' : 'apply' });
  const { all, changing, networks, problems, backend } = deltas;
  const unchanged = all.length - changing.length;
  if (options.json !== true) {
    if (backend !== undefined) print(`all rules: from ${backend.from} to ${backend.to}`);
    // A guest of which nothing changes has problems, which come last.
    const visible = changing.filter(({ added, removed }) => added.length + removed.length > 0);
    for (const delta of visible) print(describeDelta(delta));
    for (const delta of networks) print(describeChange(whoseNetwork(delta), delta));
    if (visible.length + networks.length === 0 && (unchanged > 0 || changing.length === 0))
      print(`Nothing to change for ${counted(unchanged, 'guest')} that ${unchanged === 1 ? 'runs' : 'run'}.`);
  }
  const guests: readonly Pick<Delta, 'problems'>[] = dry
    ? changing
    : await applyDeltas(changing, options.keepConnections);
  const found = [
    ...problems,
    ...(dry ? [] : await applyNetworks(networks, deltas.wanted)),
    ...guests.flatMap((guest) => guest.problems),
  ];
  const absent = networks.find(({ network }) => network === absence);
  if (options.json === true)
    printJson({
      changing: changing.map(({ request: _, ...delta }) => ({
        ...delta,
        problems: delta.problems.map(describeWithin),
      })),
      networks: networks.filter(({ network }) => network !== absence),
      absent: absent && { added: absent.added, removed: absent.removed },
      unchanged,
      backend,
      problems: found.map(describeFinding),
    });
  else warn(found);
  if (!dry && changing.length + networks.length > 0) {
    const names = [...changing.map(({ guest }) => quoted(guest.name)), ...networks.map(whoseNetwork)];
    const message = `applied to ${names.join(', ')}: ${counted(found.length, 'problem')}`;
    await writeLog([{ level: found.length > 0 ? 'warn' : 'info', message }], false, 'system');
  }
  return found.length;
}

function whoseNetwork({ network }: NetworkDelta): string {
  return network === absence ? 'absent guests' : `network ${quoted(network)}`;
}

function describeDelta(delta: Delta): string {
  return describeChange(`${delta.guest.driver} ${quoted(delta.guest.name)}`, delta);
}

function describeChange(
  whose: string,
  { added, removed }: Pick<Delta | NetworkDelta, 'added' | 'removed'>,
): string {
  return [
    `${whose}:`,
    ...removed.map((element) => `  - ${describeElement(element)}`),
    ...added.map((element) => `  + ${describeElement(element)}`),
  ].join('\n');
}
