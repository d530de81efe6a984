import { parseDomain } from '../events/domain.ts';
import type { KernelCommand } from '../model/command.ts';
import type { Guest } from '../model/guest.ts';
import { quoted, UserError } from '../model/problem.ts';
import { readLiveDomain, readPersistentDomain } from '../system/libvirt-files.ts';
import { readHostState, readRecord, recordName } from '../system/records.ts';
import { wantedBackend } from './backend-choice.ts';
import { conflictsOf } from './converge.ts';
import { type Desired, desire } from './desired.ts';
import { stepsOf } from './kernel.ts';
import { findLive } from './live-domains.ts';
import { readHost } from './reading.ts';

export interface PlannedGuest {
  readonly desired: Desired;
  /** Whether the guest runs now. */
  readonly running: boolean;
  /** What would be run if the guest started now, and what `conflicts` would leave out of it. */
  readonly transaction: readonly KernelCommand[];
  readonly conflicts: readonly string[];
}

/**
 * What a guest's start would do, without doing it.
 *
 * @throws UserError if libvirt knows no guest of that name or UUID
 */
export async function planGuest(nameOrUuid: string): Promise<PlannedGuest> {
  const { xml, guest: id, running } = findDomain(nameOrUuid);
  const state = readHostState();
  const { networks: known } = state;
  const reading = await readHost();
  const { host } = reading.configuration;
  const desired = await desire(await parseDomain(id.driver, xml, id.name), reading, (name) => name in known);
  const before = readRecord(recordName(desired.guest));
  const networks = Object.assign(Object.create(null), known, desired.networks);
  const backend = wantedBackend(state);
  const steps = stepsOf(backend, [{ before, after: desired }], networks, known, host.mark);
  // Of those that are tried first, the same input is run after.
  const transaction = steps.filter(({ args }) => !args.includes('--test'));
  return { desired, running, transaction, conflicts: conflictsOf(desired) };
}

function findDomain(nameOrUuid: string): {
  xml: string;
  guest: Pick<Guest, 'driver' | 'name'>;
  running: boolean;
} {
  const live = findLive(nameOrUuid);
  const xml = live && readLiveDomain(live);
  if (live !== undefined && xml !== undefined) return { xml, guest: live, running: true };
  const defined = readPersistentDomain(nameOrUuid);
  if (defined === undefined) throw new UserError(`no guest ${quoted(nameOrUuid)} here: see virsh list --all`);
  return { ...defined, running: false };
}
