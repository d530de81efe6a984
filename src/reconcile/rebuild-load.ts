import type { Backend } from '../backends/backend.ts';
import type { KernelCommand } from '../model/command.ts';
import { aboutGuest, type Finding, failure } from '../model/finding.ts';
import { recordName } from '../model/guest.ts';
import { CommandError } from '../model/problem.ts';
import type { GuestRecord } from '../state/records.ts';
import { runPatiently } from '../system/run-patiently.ts';
import type { HostChange } from './change.ts';
import { elementsOfNetworks, rebuildSteps, runSteps, stepsOf, withAdvice } from './kernel.ts';
import { refusedElements, withRemedy } from './set-aside.ts';

/** Why the kernel refused a guest's rules, by the name of the guest's record. */
export type Rejected = ReadonlyMap<string, Refusal>;

export interface Refusal {
  readonly problem: Finding;
  readonly failed: NonNullable<GuestRecord['failed']>;
}

/** A complete ruleset for the kernel. */
export interface Loading {
  readonly backend: Backend;
  readonly records: readonly GuestRecord[];
  readonly host: HostChange;
  readonly doing: string;
  readonly patient: boolean;
}

/** Runs the transaction. If the kernel refuses it, each guest is added on its own, so that only the faulty ones lose their rules. */
export async function load({ backend, records, host, doing, patient }: Loading): Promise<Rejected> {
  const steps = await loadingOf(backend, host, records);
  try {
    if (patient) await runAll(steps, doing);
    else runSteps(steps, doing);
    return new Map();
  } catch (error) {
    return loadOneByOne(backend, host, records, doing, error);
  }
}

async function runAll(steps: readonly KernelCommand[], doing: string): Promise<void> {
  for (const step of steps) {
    try {
      await runPatiently(step, doing);
    } catch (error) {
      throw withAdvice(error, step);
    }
  }
}

function loadingOf(backend: Backend, { networks, mark }: HostChange, records: readonly GuestRecord[]) {
  return rebuildSteps(backend, { records, networks: elementsOfNetworks(networks), mark });
}

async function loadOneByOne(
  backend: Backend,
  host: HostChange,
  records: readonly GuestRecord[],
  doing: string,
  error: unknown,
): Promise<Rejected> {
  if (!(error instanceof CommandError) || error.failure.exitCode === undefined) throw error;
  const rejected = new Map<string, Refusal>();
  runSteps(await loadingOf(backend, host, []), doing);
  for (const record of records) {
    try {
      const change = { before: undefined, after: record };
      runSteps(stepsOf(backend, [change], host.networks, host.networks, host.mark), doing);
    } catch (reason) {
      const failed = refusedElements(record.elements);
      const fault = failure(aboutGuest(record.guest), reason, 'refused');
      rejected.set(recordName(record.guest), {
        problem: withRemedy(fault, failed, record.guest.name),
        failed,
      });
    }
  }
  return rejected;
}
