import { computeDesiredState } from '../desired/compute-desired-state.ts';
import type { DesiredState } from '../desired/desired-state.ts';
import type { Domain } from '../libvirt/domain.ts';
import { describeWithin, type Finding } from '../model/finding.ts';
import type { Outcome } from '../model/outcome.ts';
import { restrictions } from '../planner/plan.ts';
import { hasGuestState } from '../reconcile/has-rules.ts';
import { indexedNeighbours } from '../reconcile/neighbours.ts';
import { findConflicts } from '../reconcile/plan-change.ts';
import { type PlanReading, readForPlan } from '../reconcile/plan-reading.ts';
import { submit } from '../reconcile/queue.ts';
import type { ApplyRequest, RemoveRequest } from '../reconcile/request.ts';
import { requestFor } from '../reconcile/request-for.ts';
import { readHostState } from '../state/host-state.ts';
import { startFollower } from '../state/lease-process.ts';
import { bestEffort } from '../system/best-effort.ts';
import { makeState } from '../system/files.ts';
import { summarize } from './count-elements.ts';

/** Checks whether the guest's policy can be applied. If not, `on_error = "deny"` refuses the start. */
export async function inspect(domain: Domain): Promise<Outcome> {
  const { desired } = await computeDomainState(domain);
  const problems = [...desired.problems, ...findConflicts(desired, indexedNeighbours())];
  if (problems.length === 0) return { level: 'debug', message: 'no problems' };
  return failed(problems, desired.deny);
}

/**
 * Applies the policy of a guest that starts, or that its hypervisor reports as running.
 *
 * @param stage `restrict`: only source filters, before the guest runs; `all`: everything
 */
export async function open(domain: Domain, stage: ApplyRequest['stage']): Promise<Outcome> {
  const { desired, reading } = await computeDomainState(domain);
  const idle = stage === 'restrict' && restrictions(desired.elements).length === 0;
  const premise = { configuration: reading.stamp };
  const request = requestFor(desired, premise, reading, { cause: 'start', stage, domain });
  if ((idle || request.kind === 'remove') && !hasGuestState(desired.guest))
    return desired.problems.length === 0
      ? { level: 'debug', message: summarize([]) }
      : failed(desired.problems, desired.deny);
  return submitPlan(request, desired);
}

/** Submits a guest's request, and describes the result for the log. */
export async function submitPlan(
  request: ApplyRequest | RemoveRequest,
  desired: Pick<DesiredState, 'deny' | 'address' | 'byLease'>,
): Promise<Outcome> {
  const result = await submit(request);
  if (request.kind === 'remove') return { level: 'debug', message: summarize([]) };
  if (request.stage === 'all' && desired.byLease === true)
    bestEffort('starting the lease follower', startFollower);
  const summary = summarize(result.elements, desired.address);
  if (result.problems.length > 0) {
    const { message, ...outcome } = failed(result.problems, desired.deny);
    return { ...outcome, message: result.elements.length === 0 ? message : `${summary}; but ${message}` };
  }
  return { level: result.elements.length === 0 ? 'debug' : 'info', message: summary };
}

async function computeDomainState(domain: Domain): Promise<{ desired: DesiredState; reading: PlanReading }> {
  // The choice of the back end is stored there.
  bestEffort('creating the state folder', makeState);
  const reading = await readForPlan(domain.guest);
  const { networks } = readHostState();
  return { desired: await computeDesiredState(domain, reading, (name) => name in networks), reading };
}

function failed(problems: readonly Finding[], refuse: boolean): Outcome {
  return { level: 'error', message: problems.map(describeWithin).join('; '), ...(refuse && { refuse }) };
}
