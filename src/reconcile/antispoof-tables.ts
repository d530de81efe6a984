import { antispoof } from '../backends/antispoof/transaction.ts';
import type { Backend } from '../backends/backend.ts';
import { label } from '../backends/names.ts';
import { antispoofTables, isInPortTables } from '../model/antispoof.ts';
import type { KernelCommand } from '../model/command.ts';
import type { CommandError } from '../model/problem.ts';
import { recordedAntispoofTables } from '../state/needed-tables.ts';
import type { GuestRecord } from '../state/records.ts';
import { hasProgram } from '../system/host.ts';
import { run } from '../system/run.ts';
import { isChainThere } from './chain-there.ts';

/*
 * What guests' ports may send is checked in tables of nftables, whichever back end makes the other rules, where there is nft.
 * Where there is none, iptables sees what is bridged while `bridge-nf-call-iptables` says so: see `antispoof-accepts.ts`.
 */

type Recorded = Pick<GuestRecord, 'guest' | 'elements'>;

/** Renders the change of what guests' ports may send; no commands if no port changes, or without nft. */
export function changePortTables(
  { name }: Backend,
  changes: readonly {
    readonly before: Pick<GuestRecord, 'elements'> | undefined;
    readonly after: Recorded;
  }[],
): readonly KernelCommand[] {
  const guests = changes.map(({ before, after }) => ({
    label: label(after.guest.name),
    before: (before?.elements ?? []).filter(isInPortTables),
    after: after.elements.filter(isInPortTables),
  }));
  return whereNftIs(name, antispoof.change(guests));
}

/** What makes all of it again, with the tables that any guest has needed. */
export async function rebuildPortTables(
  { name }: Backend,
  records: readonly Recorded[],
): Promise<readonly KernelCommand[]> {
  const guests = records.map(({ guest, elements }) => ({
    label: label(guest.name),
    ports: elements.filter(isInPortTables),
  }));
  return whereNftIs(name, await antispoof.rebuild(guests, recordedAntispoofTables()));
}

/** The nftables back end needs nft in any case, and says so if it is missing. */
function whereNftIs(backend: Backend['name'], commands: readonly KernelCommand[]): readonly KernelCommand[] {
  return commands.length === 0 || backend === 'nftables' || hasProgram('nft') ? commands : [];
}

/** Whether nft refused a change because the tables hold something else than the records say. */
export function contradictsPorts(error: CommandError): boolean {
  const { command, stderr } = error.failure;
  return command.startsWith('nft ') && antispoof.contradicts(stderr);
}

/** Whether the tables that guests have needed are there: another program may have flushed the ruleset. */
export function arePortTablesThere(): boolean {
  if (!hasProgram('nft')) return true;
  return recordedAntispoofTables().every((table) => isChainThere(antispoof.chainOf(table)));
}

/** Whether any of the tables is there. */
export function isAnyPortTableThere(): boolean {
  return antispoofTables.some((table) => isChainThere(antispoof.chainOf(table)));
}

/** Removes tables that no guest has needed since boot: what no state explains. */
export function removeUnusedPortTables(): void {
  const used = recordedAntispoofTables();
  for (const table of antispoofTables)
    if (!used.includes(table) && isChainThere(antispoof.chainOf(table)))
      run(antispoof.remove(table), 'removing an unused table');
}
