import { Command } from 'commander';
import { type Delta, findDeltas } from '../apply/apply.ts';
import { applyFound } from '../apply/apply-all.ts';
import { beginChange, rejectChange, settlePending } from '../apply/confirm.ts';
import type { RolledBack } from '../apply/roll-back.ts';
import { loadConfiguration, locate } from '../desired/configuration.ts';
import { counted } from '../model/counted.ts';
import { exitCodes } from '../model/exit-code.ts';
import { describeFinding, describeWithin } from '../model/finding.ts';
import { quoted, UserError } from '../model/problem.ts';
import type { NetworkDelta } from '../reconcile/network-deltas.ts';
import { absence } from '../state/absence.ts';
import type { PendingChange } from '../state/pending-change.ts';
import { withConfigurationLock } from '../system/configuration-lock.ts';
import { writeLog } from '../system/winston-log.ts';
import { describeRolledBack } from './confirm.ts';
import { confirmOption, printPending } from './confirm-time.ts';
import { warn } from './findings.ts';
import { describeElement, print, printError, printJson } from './output.ts';
import { requireRoot } from './require-root.ts';

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
    .addOption(confirmOption())
    .option('--json', 'print as JSON')
    .action(async (names: string[], options: ApplyOptions & { readonly confirm?: number }) => {
      if (options.dryRun !== true) showRolledBack(await settlePending());
      const { confirm } = options;
      const problems =
        confirm === undefined
          ? await applyTo(names, options)
          : await applyConfirmed(names, { ...options, confirm });
      finish(problems > 0 ? exitCodes.failed : exitCodes.done);
    });
}

/** What was done first, on stderr: stdout is what this command did. */
function showRolledBack(rolledBack: RolledBack | undefined): void {
  if (rolledBack === undefined) return;
  for (const line of describeRolledBack(rolledBack)) printError(line);
  warn(rolledBack.problems);
}

async function applyConfirmed(
  names: readonly string[],
  { confirm, ...options }: ApplyOptions & { readonly confirm: number },
): Promise<number> {
  requireRoot('apply');
  if (names.length > 0 || options.dryRun === true)
    throw new UserError('apply --confirm applies everything: leave out guest names and --dry-run');
  const { problems: mistakes, files } = await loadConfiguration();
  if (mistakes.length > 0) {
    warn(await locate(mistakes, files));
    throw new UserError('apply --confirm applies only a configuration without mistakes: nothing was changed');
  }
  const pending = await withConfigurationLock(async () => beginChange(confirm));
  if (pending === undefined)
    printError('nothing to confirm: the configuration is the one that was applied last');
  return applyPending(options, pending);
}

/** Applies a change that waits for its confirmation. @returns how many problems there were */
export async function applyPending(
  options: ApplyOptions,
  pending: PendingChange | undefined,
): Promise<number> {
  try {
    const problems = await applyTo([], options, pending);
    if (pending !== undefined && options.json !== true) printPending(pending);
    return problems;
  } catch (error) {
    // Nothing, or an unknown part of it, was applied: there is nothing to confirm.
    if (pending !== undefined) await rejectChange();
    throw error;
  }
}

interface ApplyOptions {
  readonly dryRun?: boolean;
  readonly keepConnections?: boolean;
  readonly json?: boolean;
}

/** @returns how many problems there were */
export async function applyTo(
  names: readonly string[],
  options: ApplyOptions,
  pending?: PendingChange,
): Promise<number> {
  const dry = options.dryRun === true;
  const deltas = await findDeltas(names, { only: dry ? 'look' : 'apply' });
  const { all, changing, networks, problems, backend, protection } = deltas;
  const unchanged = all.length - changing.length;
  if (options.json !== true) {
    if (backend !== undefined) print(`all rules: from ${backend.from} to ${backend.to}`);
    if (protection !== undefined) print(describeProtection(protection));
    // A guest of which nothing changes has problems, which come last.
    const visible = changing.filter(({ added, removed }) => added.length + removed.length > 0);
    for (const delta of visible) print(describeDelta(delta));
    for (const delta of networks) print(describeChange(whoseNetwork(delta), delta));
    if (
      protection === undefined &&
      visible.length + networks.length === 0 &&
      (unchanged > 0 || changing.length === 0)
    )
      print(`Nothing to change for ${counted(unchanged, 'guest')} that ${unchanged === 1 ? 'runs' : 'run'}.`);
  }
  const found = dry
    ? [...problems, ...changing.flatMap((guest) => guest.problems)]
    : await applyFound(deltas, names.length === 0, options.keepConnections);
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
      protection,
      ...(pending !== undefined && { confirm: { seconds: pending.seconds, until: pending.until } }),
      problems: found.map(describeFinding),
    });
  else warn(found);
  if (!dry && (protection !== undefined || changing.length + networks.length > 0)) {
    const names = [
      ...(protection === undefined ? [] : ['the host']),
      ...changing.map(({ guest }) => quoted(guest.name)),
      ...networks.map(whoseNetwork),
    ];
    const message = `applied to ${names.join(', ')}: ${counted(found.length, 'problem')}`;
    await writeLog([{ level: found.length > 0 ? 'warn' : 'info', message }], false, 'system');
  }
  return found.length;
}

function describeProtection(change: 'made' | 'removed'): string {
  return change === 'made' ? 'the host: protected as [host.protect] says' : 'the host: protection removed';
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
