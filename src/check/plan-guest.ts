import { computeDesiredState } from '../desired/compute-desired-state.ts';
import type { DesiredState } from '../desired/desired-state.ts';
import { nextRun, runOf } from '../desired/guest-run.ts';
import { findLive, readDomain } from '../desired/running-guests.ts';
import { type Domain, parseDomain } from '../libvirt/domain.ts';
import { readPersistentDomain } from '../libvirt/files.ts';
import type { KernelCommand } from '../model/command.ts';
import type { Finding } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { quoted, UserError } from '../model/problem.ts';
import { backendInUse, backendNamed } from '../reconcile/backend-choice.ts';
import { stepsOf } from '../reconcile/kernel.ts';
import { indexedNeighbours } from '../reconcile/neighbours.ts';
import { findConflicts } from '../reconcile/plan-change.ts';
import { readForPlan } from '../reconcile/plan-reading.ts';
import { readHostState } from '../state/host-state.ts';
import { readRecord } from '../state/records.ts';

export interface PlannedGuest {
  readonly desired: DesiredState;
  /** Whether the guest runs now. */
  readonly running: boolean;
  /** The commands of the guest's start, before conflicts leave anything out. */
  readonly transaction: readonly KernelCommand[];
  /** The claims of other guests that would leave elements out. */
  readonly conflicts: readonly Finding[];
}

/**
 * What a guest's start would do, without doing it.
 *
 * @throws UserError if libvirt knows no guest of that name or UUID
 */
export async function planGuest(nameOrUuid: string): Promise<PlannedGuest> {
  const { domain, running } = await findDomain(nameOrUuid);
  const state = readHostState();
  const { networks: known } = state;
  const reading = await readForPlan();
  const { host } = reading.configuration;
  const desired = await computeDesiredState(
    domain,
    reading,
    (name) => name in known,
    running ? runOf : nextRun,
  );
  const before = readRecord(recordName(desired.guest));
  const networks = Object.assign(Object.create(null), known, desired.networks);
  const backend = await (reading.backend === undefined ? backendInUse(state) : backendNamed(reading.backend));
  const steps = stepsOf(backend, [{ before, after: desired }], networks, known, host.mark);
  // Of those that are tried first, the same input is run after.
  const transaction = steps.filter(({ args }) => !args.includes('--test'));
  return { desired, running, transaction, conflicts: findConflicts(desired, indexedNeighbours()) };
}

async function findDomain(nameOrUuid: string): Promise<{ domain: Domain; running: boolean }> {
  const live = findLive(nameOrUuid);
  const running = live && (await readDomain(live));
  if (running !== undefined) return { domain: running, running: true };
  const defined = readPersistentDomain(nameOrUuid);
  if (defined === undefined)
    throw new UserError(`no guest ${quoted(nameOrUuid)} here: see virsh list --all, or xl list`);
  const { xml, guest } = defined;
  return { domain: await parseDomain(guest.driver, xml, guest.name), running: false };
}
